"""HTTP: submissions in, confirmation pages, dashboards and reports out."""
