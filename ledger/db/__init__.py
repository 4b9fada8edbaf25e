"""Every SQL statement of the project: tables, sessions, migrations, one repository per noun."""
