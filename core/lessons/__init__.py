"""What belongs to one page alone: its experiments, words, charts and set-ups. No lesson imports another."""
