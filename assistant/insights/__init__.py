"""Pages that show why the assistant answers as it does; `try a question` is the first of them."""
