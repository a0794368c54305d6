"""How fast, in how much memory and how exactly result files are read: perfpilot and its peers on one file."""
