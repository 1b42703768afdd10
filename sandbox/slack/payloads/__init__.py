"""The JSON shapes in which Slack speaks of people, channels, messages and views."""
