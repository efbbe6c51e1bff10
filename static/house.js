// Small comforts on top of pages that work without this file: menus that close, tables that know whether they scroll, files that show how far.
// All in a block, so that a page written anew by send() may run it again.
"use strict";
{
  // The summary of errors is read first.
  document.querySelector("[data-focus]")?.focus();

  // On a phone a filter of many fields opens on request; one that something was typed into stays open.
  for (const filters of matchMedia("(max-width: 48rem)").matches ? document.querySelectorAll(".filters") : []) {
    const fields = [...filters.querySelectorAll(".filter :is(select, input)")];
    if (fields.length < 4 || fields.some((field) => field.value)) continue;
    const more = filters.querySelector(".filters-more");
    filters.toggleAttribute("data-folded", true);
    more.hidden = false;
    more.addEventListener("click", () => {
      filters.removeAttribute("data-folded");
      more.hidden = true;
      fields[0].focus();
    });
  }

  // The person menu closes on Escape and on a click elsewhere.
  const menus = document.querySelectorAll("details[data-menu]");
  document.addEventListener("click", (event) => menus.forEach((menu) => menu.contains(event.target) || (menu.open = false)));
  document.addEventListener("keydown", (event) => {
    if (event.key !== "Escape") return;
    for (const menu of menus) if (menu.open) { menu.open = false; menu.querySelector("summary").focus(); }
  });

  // On a phone the current task of the rail, and the current one of tabs, is scrolled into sight.
  function show() {
    for (const strip of document.querySelectorAll(".rail ul, .tabs ul")) {
      const here = strip.querySelector("[aria-current]")?.getBoundingClientRect();
      const place = strip.getBoundingClientRect();
      if (here && strip.scrollWidth > strip.clientWidth) strip.scrollLeft += here.left - place.left - (place.width - here.width) / 2;
    }
  }
  show();

  // A table that is broader than its place scrolls in its frame; one that fits is no stop for the Tab key.
  const frames = [...document.querySelectorAll(".table-frame")];
  function measure() {
    for (const frame of frames) {
      frame.classList.remove("table-scrolls");
      const table = frame.firstElementChild;
      frame.classList.toggle("table-scrolls", table.scrollWidth > frame.clientWidth + 1);
      const scrolls = frame.scrollWidth > frame.clientWidth + 1 || frame.scrollHeight > frame.clientHeight + 1;
      if (scrolls) frame.tabIndex = 0; else frame.removeAttribute("tabindex");
      more(frame);
    }
  }
  // What lies beyond the right edge shows by the edge fading.
  function more(frame) {
    frame.classList.toggle("table-more", frame.scrollLeft + frame.clientWidth < frame.scrollWidth - 1);
  }
  for (const frame of frames) frame.addEventListener("scroll", () => more(frame), { passive: true });
  measure();
  let later;
  window.addEventListener("resize", () => { clearTimeout(later); later = setTimeout(() => { measure(); show(); }, 150); });

  // A form is sent once; coming back with the Back button opens it again.
  document.addEventListener("submit", (event) => {
    const form = event.target;
    if (form.method !== "post" || event.defaultPrevented) return;
    if (form.hasAttribute("data-sending")) event.preventDefault(); else form.setAttribute("data-sending", "");
  });
  window.addEventListener("pageshow", () => document.querySelectorAll("[data-sending]").forEach((form) => form.removeAttribute("data-sending")));

  // What a field offers is looked up while one types; with nothing in it, it offers what stood there at first.
  for (const offers of document.querySelectorAll("datalist[data-suggest]")) {
    const field = document.querySelector(`input[list="${offers.id}"]`), first = [...offers.children];
    let waits, asked = "";
    field.addEventListener("input", () => {
      clearTimeout(waits);
      waits = setTimeout(async () => {
        asked = field.value.trim();
        if ([...offers.children].some((one) => one.value === asked)) return;
        const search = asked;
        const found = search ? await fetch(`${offers.dataset.suggest}?search=${encodeURIComponent(search)}`).then((answer) => answer.json()).catch(() => null) : { found: null };
        if (search !== asked || !found) return;
        offers.replaceChildren(...(found.found ? found.found.map((one) => Object.assign(document.createElement("option"), { value: one })) : first));
      }, 200);
    });
  }

  // A file may be dropped on its field; while it is sent the bar shows how far.
  for (const drop of document.querySelectorAll("[data-filedrop]")) {
    const input = drop.querySelector("input[type=file]");
    const over = (on) => (event) => { event.preventDefault(); drop.classList.toggle("filedrop-over", on); };
    drop.addEventListener("dragover", over(true));
    drop.addEventListener("dragleave", over(false));
    drop.addEventListener("drop", (event) => {
      over(false)(event);
      if (event.dataTransfer.files.length) input.files = event.dataTransfer.files;
    });
    input.form?.addEventListener("submit", (event) => {
      if (!input.files.length || event.defaultPrevented || input.form.hasAttribute("data-sending")) return;
      event.preventDefault();
      send(input, event.submitter, drop.querySelector("progress"));
    });
  }

  function send(input, submitter, bar) {
    const form = input.form, files = input.files;
    const request = new XMLHttpRequest();
    const data = new FormData(form, submitter);
    form.setAttribute("data-sending", "");
    bar.hidden = false;
    request.upload.addEventListener("progress", (event) => { if (event.lengthComputable) bar.value = (100 * event.loaded) / event.total; });
    request.addEventListener("load", () => {
      const page = (request.getResponseHeader("content-type") || "").startsWith("text/html");
      if (!page) { window.location = request.responseURL; return; }
      history.pushState(null, "", request.responseURL);
      document.open();
      // A file that was found in order stays chosen, so that what was checked can be applied.
      document.addEventListener("DOMContentLoaded", () => {
        const kept = document.querySelector("[data-filedrop][data-keep] input[type=file]");
        if (kept) kept.files = files;
      });
      document.write(request.responseText);
      document.close();
    });
    request.addEventListener("error", () => {
      bar.hidden = true;
      form.removeAttribute("data-sending");
      if (input.closest("[data-keep]")) input.value = "";  // changed since it was checked: the page asks for it again
      HTMLFormElement.prototype.submit.call(form);
    });
    request.open("POST", form.getAttribute("action") || window.location.href);
    request.send(data);
  }
}
