// What scrolls can be scrolled by keyboard.
document.addEventListener("DOMContentLoaded", () => {
  for (const each of document.querySelectorAll("article pre, article .table-wrapper")) each.tabIndex = 0;
});
