"""Banks of models: what is normal for each series and scope."""
