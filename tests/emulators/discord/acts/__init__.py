"""Who acts in Discord: people, their clicks and forms, administrators."""
