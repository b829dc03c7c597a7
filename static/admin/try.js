// Ctrl+Enter sends the question, as it sends a reply at the desk.
addEventListener("keydown", ({ key, ctrlKey, metaKey, target }) => {
  if (key === "Enter" && (ctrlKey || metaKey)) target.form?.requestSubmit();
});
