"""Accounts, logins and keys as they are kept."""
