# Excluded by .gitignore: no slice ever holds a line of this file.
DATABASE_URL = "postgres://shop:correct-horse@db.internal/shop"
