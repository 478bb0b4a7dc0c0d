"""`python -m cavra_boundary`."""

from cavra_boundary.cli.main import main

if __name__ == "__main__":
    main()
