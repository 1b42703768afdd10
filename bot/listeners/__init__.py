"""Slack listeners, one module a playbook: from a verified payload to a frozen command, and back to an answer."""
