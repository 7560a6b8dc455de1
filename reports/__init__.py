"""Reports: pages of plots and tables for program managers, each one file that needs no network."""
