"""`python -m perfpilot` is the command."""

from perfpilot.cli.main import main

raise SystemExit(main())
