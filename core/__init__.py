"""Deep networks trained and measured, layer by layer; nothing in here knows about the screen."""
