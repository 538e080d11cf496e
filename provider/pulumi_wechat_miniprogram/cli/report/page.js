"use strict";
(() => {
  const places = [...document.querySelectorAll(".find")];
  const squares = [...document.querySelectorAll(".squares a")];
  const form = document.querySelector(".filter");
  const box = form.querySelector("input");
  const status = form.querySelector("[role=status]");
  const apps = places.filter((place) => place.id);
  const byId = new Map(squares.map((square) => [decodeURIComponent(square.hash.slice(1)), square]));
  const sections = new Set(places.map((place) => place.closest("section")));
  const opened = new Set();
  let texts;
  document.querySelectorAll(".filter, .script").forEach((each) => { each.hidden = false; });

  const open = (place) => {
    for (let each = place.closest("details.more"); each; each = each.parentElement.closest("details.more")) {
      if (!each.open) { opened.add(each); each.open = true; }
    }
  };
  box.addEventListener("input", () => {
    texts = texts || places.map((place) => place.textContent.toLowerCase());
    const wanted = box.value.trim().toLowerCase();
    opened.forEach((each) => { each.open = false; });
    opened.clear();
    let count = 0;
    places.forEach((place, index) => {
      place.hidden = !texts[index].includes(wanted);
      if (wanted && !place.hidden) open(place);
      if (place.id) {
        count += place.hidden ? 0 : 1;
        byId.get(place.id)?.classList.toggle("off", place.hidden);
      }
    });
    sections.forEach((section) => { section.hidden = !section.querySelector(".find:not([hidden])"); });
    status.textContent = wanted ? `${count} of ${apps.length} shown` : "";
  });

  const reveal = () => {
    const place = location.hash && document.getElementById(decodeURIComponent(location.hash.slice(1)));
    if (!place || !place.matches(".card")) return;
    place.hidden = place.closest("section").hidden = false;
    open(place);
    opened.clear();
    place.tabIndex = -1;
    place.focus();
    place.scrollIntoView();
  };
  addEventListener("hashchange", reveal);
  reveal();

  squares.forEach((square, index) => { square.tabIndex = index ? -1 : 0; });
  document.querySelector(".squares")?.addEventListener("keydown", (event) => {
    const at = squares.indexOf(document.activeElement);
    const wide = squares.filter((square) => square.offsetTop === squares[0].offsetTop).length;
    const to = { ArrowRight: at + 1, ArrowLeft: at - 1, ArrowDown: at + wide, ArrowUp: at - wide,
      Home: 0, End: squares.length - 1 }[event.key];
    if (to === undefined || !squares[to]) return;
    event.preventDefault();
    squares[at].tabIndex = -1;
    squares[to].tabIndex = 0;
    squares[to].focus();
  });

  let closed = [];
  addEventListener("beforeprint", () => {
    closed = [...document.querySelectorAll("details:not([open])")];
    closed.forEach((each) => { each.open = true; });
  });
  addEventListener("afterprint", () => { closed.forEach((each) => { each.open = false; }); });
})();
