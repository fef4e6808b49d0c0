"""The panels of `/feed add`, `/subscribe` and `/notify`: menus, buttons and forms in private messages."""
