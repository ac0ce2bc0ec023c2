"""The laws that every detector keeps, for us and for others."""
