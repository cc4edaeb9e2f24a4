"""Who acts in Slack: people, their clicks and forms, administrators."""
