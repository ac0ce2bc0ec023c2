"""Events, incidents and settings at rest."""
