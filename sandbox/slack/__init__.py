"""A strict simulator of Slack for one workspace and one app. Not Slack, and not made by Slack."""
