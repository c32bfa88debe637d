"""Tests of peers, destinations and webhooks, step by step, each with a cause where it fails."""
