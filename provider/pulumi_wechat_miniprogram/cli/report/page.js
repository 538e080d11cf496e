"use strict";
(() => {
  const apps = [...document.querySelectorAll("details.app")];
  const form = document.querySelector(".filter");
  if (form) {
    const box = form.querySelector("input");
    const status = form.querySelector("[role=status]");
    let texts;
    form.hidden = false;
    box.addEventListener("input", () => {
      texts = texts || apps.map((app) => app.textContent.toLowerCase());
      const wanted = box.value.trim().toLowerCase();
      let shown = 0;
      apps.forEach((app, index) => {
        app.hidden = !texts[index].includes(wanted);
        shown += app.hidden ? 0 : 1;
      });
      status.textContent = `${shown} of ${apps.length} shown`;
    });
  }
  const reveal = () => {
    const target = location.hash && document.getElementById(decodeURIComponent(location.hash.slice(1)));
    const app = target && target.closest("details.app");
    if (app) {
      app.hidden = false;
      app.open = true;
      target.scrollIntoView();
    }
  };
  addEventListener("hashchange", reveal);
  reveal();
  let closed = [];
  addEventListener("beforeprint", () => {
    closed = apps.filter((app) => !app.open);
    closed.forEach((app) => { app.open = true; });
  });
  addEventListener("afterprint", () => { closed.forEach((app) => { app.open = false; }); });
})();
