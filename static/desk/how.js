// The page of a turn: Escape leads back to its conversation.
addEventListener("keydown", ({ key }) => key === "Escape" && document.getElementById("back").click());
