// The page where values are filed: every field is saved by itself, a block of a workbook can be pasted, the keyboard leads through.
// What is right and what is said of a value is judged by the server alone; without this file the form is saved as a whole.
"use strict";
{
  const IDLE = 700; // ms without a key until a value is saved
  const SLOW = 15000; // ms until an answer is given up
  const WAITS = [1000, 2000, 4000, 8000, 15000]; // ms until the next try
  const LEAST = 10; // characters of an explanation

  const form = document.getElementById("grid");
  const lines = new Map();
  const texts = new Map(); // explanations by element or indicator: what the server has of them
  const dirty = new Set(); // codes of values to be saved
  const unexplained = new Set(); // codes of explanations to be saved
  let timer, again, sending = false, tries = 0, signedOut = false, closed = false;
  let token = document.querySelector("meta[name=csrf-token]").content;

  const find = (name) => form.querySelector(`[data-${name}]`);
  const word = (name) => document.getElementById(`word-${name}`).content;
  const plain = (name, numbers = {}) => filled(word(name).textContent.trim(), numbers);
  const filled = (text, numbers) => text.replace(/\{(\w+)\}/g, (all, key) => (key in numbers ? numbers[key] : all));
  const put = (place, name, numbers = {}) => {
    const copy = word(name).cloneNode(true);
    for (const span of copy.querySelectorAll("span")) if (!span.children.length) span.textContent = filled(span.textContent, numbers);
    place.replaceChildren(copy);
  };

  for (const box of form.querySelectorAll("[data-line]")) {
    const input = box.querySelector(".line-value input.num");
    lines.set(box.dataset.line, {
      code: box.dataset.line,
      box,
      input,
      seen: box.querySelector("input[type=hidden]"),
      state: box.querySelector(".line-value .line-state"),
      remarks: box.querySelector(".line-remarks"),
      kept: input.getAttribute("aria-invalid") ? null : input.value, // what the server has; null when it is not known
      sent: null,
      trouble: input.getAttribute("aria-invalid") ? "refused" : "",
      filed: input.value.trim() !== "" && !input.getAttribute("aria-invalid"),
      waits: box.querySelectorAll(".line-warn ~ .line-explain, .line-warn + .line-explain").length,
      contradicts: box.querySelector(".line-bad") !== null,
    });
  }
  const order = [...lines.values()];
  const lineOf = (node) => lines.get(node.closest?.("[data-line]")?.dataset.line);
  const may = (line) => !line.input.readOnly;

  // How far, what is open

  function count() {
    const numbers = { filed: 0, waits: 0, contradicts: 0, open: 0 };
    for (const line of order) {
      numbers.filed += line.filed;
      numbers.waits += line.waits;
      numbers.contradicts += line.contradicts;
      numbers.open += "open" in line.box.dataset;
    }
    return numbers;
  }

  function tell() {
    const now = count();
    find("bar").value = now.filed;
    find("far").textContent = plain("far", { count: now.filed, whole: form.dataset.due });
    for (const name of ["waits", "contradicts"]) {
      const place = find(name);
      place.hidden = !now[name];
      place.lastElementChild.textContent = plain(name, { count: now[name] });
    }
  }

  function shown(line, state, at = "") {
    line.state.dataset.state = state;
    if (state) put(line.state, state, { at });
  }

  // Saving

  function typed(line) {
    if (!may(line)) return;
    if (line.input.value === line.kept && !line.trouble && line.sent === null) {
      if (dirty.delete(line.code)) { line.state.dataset.state = ""; line.state.innerHTML = line.origin ?? ""; }
      return;
    }
    dirty.add(line.code);
    line.touched = true;
    if (line.state.dataset.state !== "typing") shown(line, "typing");
    soon();
  }

  function soon(wait = IDLE) {
    clearTimeout(timer);
    timer = setTimeout(save, wait);
  }

  const unsaved = () => order.filter((line) => dirty.has(line.code) || line.sent !== null || line.trouble);

  async function save() {
    clearTimeout(timer);
    if (sending || closed || !(dirty.size || unexplained.size)) return;
    sending = true;
    clearTimeout(again);
    const body = new URLSearchParams({ document: form.elements.document.value });
    const values = [...dirty].map((code) => lines.get(code));
    const written = [...unexplained];
    dirty.clear();
    unexplained.clear();
    for (const line of values) {
      line.sent = line.input.value;
      line.trouble = "";
      body.set(`value-${line.code}`, line.sent);
      body.set(`seen-${line.code}`, line.seen.value);
      shown(line, "saving");
    }
    for (const code of written) body.set(`explain-${code}`, document.getElementById(`explain-${code}`)?.value ?? "");
    const answer = await send(body);
    sending = false;
    for (const line of values) {
      if (!answer) { dirty.add(line.code); shown(line, closed ? "refused" : "unsaved"); }
      line.was = line.sent;
      line.sent = null;
    }
    if (!answer) {
      for (const code of written) unexplained.add(code);
      later();
      return;
    }
    tries = 0;
    find("net").replaceChildren();
    take(answer, values, written);
    if (dirty.size || unexplained.size) soon(0);
    settle();
  }

  // The answer, or nothing when it has to be tried again.
  async function send(body) {
    const giveUp = new AbortController();
    const clock = setTimeout(() => giveUp.abort(), SLOW);
    try {
      const response = await fetch(location.href, {
        method: "POST",
        body,
        headers: { Accept: "application/json", "X-CSRFToken": token },
        redirect: "manual",
        keepalive: true, // what is under way when the page is left still arrives
        signal: giveUp.signal,
      });
      const json = (response.headers.get("content-type") || "").startsWith("application/json");
      signedOut = response.type === "opaqueredirect";
      if (json) return await response.json();
      // The token of a session that ended: the page has a new one once somebody is signed in again.
      if (response.status === 400) await renew();
      else if (!signedOut && response.status < 500 && response.status !== 429) closed = true;
    } catch {
      // No connection, or no answer in time: tried again.
    } finally {
      clearTimeout(clock);
    }
    return null;
  }

  async function renew() {
    const response = await fetch(location.href, { redirect: "manual" });
    signedOut = response.type === "opaqueredirect";
    if (!response.ok) return;
    const fresh = new DOMParser().parseFromString(await response.text(), "text/html").querySelector("meta[name=csrf-token]");
    if (fresh) token = fresh.content;
  }

  function later() {
    const waiting = dirty.size + unexplained.size;
    const net = find("net");
    if (closed) put(net, "failed");
    else if (signedOut) put(net, "session");
    else put(net, "offline", { count: waiting });
    find("live").textContent = net.textContent.trim();
    if (closed) return;
    if (signedOut) renewed();
    again = setTimeout(save, WAITS[Math.min(tries++, WAITS.length - 1)]);
  }
  const renewed = () => renew().catch(() => {});

  function take(answer, values, written) {
    const said = [];
    for (const line of values) {
      const told = answer.lines[line.code];
      const status = answer.refused ? "refused" : told?.status ?? "saved";
      line.trouble = status === "saved" ? "" : status;
      if (status === "saved") {
        line.kept = line.was;
        if (told) line.seen.value = told.revision;
      } else {
        line.kept = null;
        said.push(line);
      }
      line.theirs = status === "changed" ? { text: told.shown, seen: told.revision } : null;
      line.input.toggleAttribute("aria-invalid", line.trouble !== "");
      if (line.trouble) line.input.setAttribute("aria-invalid", "true");
      line.box.classList.toggle("line-wrong", line.trouble !== "");
      if (!dirty.has(line.code)) shown(line, status, answer.at);
    }
    for (const code of written) {
      const box = document.getElementById(`explain-${code}`);
      if (!(code in answer.told)) texts.set(code, box?.value ?? "");
    }
    for (const [code, told] of Object.entries(answer.lines)) redraw(lines.get(code), told);
    for (const code of Object.keys(answer.told)) mind(code);
    if (answer.refused) {
      find("net").textContent = answer.refused;
    }
    if (said.length) find("live").textContent = `${said[0].box.querySelector("label").textContent}: ${answer.refused || said[0].remarks.textContent.trim()}`;
    else if (values.length) find("live").textContent = values.length === 1 ? plain("saved", { at: answer.at }) : plain("far", { count: count().filed, whole: form.dataset.due });
    tell();
  }

  function mind(code) {
    const box = document.getElementById(`explain-${code}`);
    box?.setAttribute("aria-invalid", "true");
  }

  // What is said of a line, as the server says it now; a box in which somebody writes stays as it is.
  function redraw(line, told) {
    Object.assign(line, { filed: told.filed, waits: told.waits, contradicts: told.contradicts, origin: told.origin });
    line.box.toggleAttribute("data-open", told.open || line.trouble !== "");
    if (!line.state.dataset.state) line.state.innerHTML = told.origin;
    const next = document.createElement("div");
    next.innerHTML = told.remarks;
    let here = null; // the box in which somebody writes at this moment: it stays where it is, with its cursor
    for (const box of line.remarks.querySelectorAll("textarea")) {
      const fresh = next.querySelector(`#${CSS.escape(box.id)}`);
      if (!fresh) continue;
      if (box === document.activeElement) here = [box, fresh];
      else if (box.value !== box.defaultValue && box.value.trim() !== (texts.get(code(box)) ?? "").trim()) fresh.value = box.value;
    }
    if (here) around(...here, line.remarks, next);
    else if (line.remarks.innerHTML !== next.innerHTML) line.remarks.replaceChildren(...next.childNodes);
    for (const place of line.remarks.querySelectorAll("[data-choice]")) place.hidden = false;
  }

  const code = (box) => box.closest("[data-explain]").dataset.explain;

  // Everything around a node made anew, up to its root.
  function around(old, fresh, root, freshRoot) {
    for (const name of ["aria-describedby", "aria-invalid"]) {
      if (fresh.hasAttribute(name)) old.setAttribute(name, fresh.getAttribute(name)); else old.removeAttribute(name);
    }
    for (; old !== root; old = old.parentNode, fresh = fresh.parentNode) {
      for (const node of [...old.parentNode.childNodes]) if (node !== old) node.remove();
      const nodes = [...fresh.parentNode.childNodes], place = nodes.indexOf(fresh);
      old.before(...nodes.slice(0, place));
      old.after(...nodes.slice(place + 1));
      if (fresh.parentNode === freshRoot) break;
    }
  }

  // After the last answer: those who wait for it go on.
  const waiting = [];
  function settle() {
    if (!sending && !dirty.size && !unexplained.size) for (const go of waiting.splice(0)) go();
  }

  // Typing

  form.addEventListener("input", (event) => {
    const explained = event.target.closest("[data-explain]");
    if (explained) {
      write(explained.dataset.explain, event.target, false);
      return;
    }
    const line = lineOf(event.target);
    if (line && event.target === line.input) typed(line);
  });

  form.addEventListener("change", (event) => {
    const explained = event.target.closest("[data-explain]");
    if (explained) write(explained.dataset.explain, event.target, true);
    else if (lineOf(event.target)) save();
  });

  function write(code, box, done) {
    const text = box.value.trim();
    if (text === (texts.get(code) ?? box.defaultValue).trim()) { unexplained.delete(code); return; }
    // A short text is only told to be short when its author has left it.
    if (text.length < LEAST && !done) { unexplained.delete(code); return; }
    if (!text) return;
    unexplained.add(code);
    soon(done ? 0 : 2 * IDLE);
  }

  const fields = () => order.filter((line) => may(line) && !line.box.hidden);

  function step(line, by) {
    const all = fields(), to = all[all.indexOf(line) + by];
    if (to) { to.input.focus(); to.input.select(); } else if (by > 0) form.querySelector("[data-check]")?.focus();
  }

  form.addEventListener("keydown", (event) => {
    const line = lineOf(event.target);
    if (!line || event.target !== line.input || event.isComposing || event.ctrlKey || event.metaKey || event.altKey) return;
    const by = event.key === "Enter" ? (event.shiftKey ? -1 : 1) : event.shiftKey ? 0 : event.key === "ArrowDown" ? 1 : event.key === "ArrowUp" ? -1 : 0;
    if (!by) return;
    event.preventDefault();
    if (dirty.has(line.code)) soon(0);
    step(line, by);
  });

  // Two people at one value

  form.addEventListener("click", (event) => {
    const line = lineOf(event.target);
    if (!line?.theirs) return;
    const keep = event.target.closest("[data-keep]"), other = event.target.closest("[data-take]");
    if (!keep && !other) return;
    line.seen.value = line.theirs.seen;
    if (other) line.input.value = line.theirs.text;
    line.theirs = null;
    dirty.add(line.code);
    line.input.focus();
    soon(0);
  });

  // Pasting

  const spaces = (text) => text.replace(/[\s\u00a0\u3000]+/g, " ").trim();

  // The rows of a block as Excel and WPS copy it: a tab between cells, quotation marks around a cell that holds a line end.
  function rowsOf(text) {
    const rows = [[]];
    const cells = /(?:"((?:[^"]|"")*)"(?=[\t\r\n]|$)|([^\t\r\n]*))(\t|\r\n|\r|\n|$)/gy;
    for (let found; cells.lastIndex < text.length && (found = cells.exec(text)); ) {
      rows.at(-1).push(spaces(found[1] === undefined ? found[2] : found[1].replaceAll('""', '"')));
      if (found[3] === "") break;
      if (found[3] !== "\t") rows.push([]);
      else if (cells.lastIndex === text.length) rows.at(-1).push("");
    }
    if (rows.at(-1).every((cell) => cell === "")) rows.pop();
    return rows;
  }

  form.addEventListener("paste", (event) => {
    const line = lineOf(event.target);
    if (!line || event.target !== line.input) return;
    const rows = rowsOf(event.clipboardData.getData("text/plain"));
    // A single value is pasted by the browser itself.
    if (!rows.length || (rows.length === 1 && rows[0].length === 1)) return;
    event.preventDefault();
    paste(line, rows);
  });

  function paste(start, rows) {
    const names = new Map();
    for (const line of order) {
      names.set(line.code.toLowerCase(), line);
      names.set(spaces(line.box.querySelector("label").textContent).toLowerCase(), line);
    }
    const wide = Math.max(...rows.map((row) => row.length)) > 1;
    const all = fields(), left = [], done = [];
    let place = all.indexOf(start);
    for (const [number, row] of rows.entries()) {
      const cells = [...row];
      while (wide && cells.length > 2 && cells.at(-1) === "") cells.pop();
      const text = wide ? cells.at(-1) : cells[0];
      if (!wide) {
        const line = all[place++];
        if (line) done.push([line, text]); else if (text) left.push([row, "left-over"]);
        continue;
      }
      const line = cells.map((cell) => names.get(cell.toLowerCase())).find(Boolean);
      if (cells.length > 2 && !(line && known(line, cells))) left.push([row, line || number ? "left-columns" : "left-unknown"]);
      else if (!line) { if (cells.some(Boolean)) left.push([row, "left-unknown"]); }
      else if (!may(line)) { if (text !== line.input.value) left.push([row, "left-locked"]); }
      else done.push([line, text]);
    }
    const before = done.map(([line]) => [line, line.input.value]);
    fill(done);
    report(done, left, before);
  }

  // Code, name and value in a row are as good as code and value.
  const known = (line, cells) =>
    cells.length === 3 && cells[0].toLowerCase() === line.code.toLowerCase() && spaces(line.box.querySelector("label").textContent) === cells[1];

  function fill(values) {
    for (const [line, text] of values) {
      line.input.value = text;
      typed(line);
    }
    values.at(-1)?.[0].input.focus();
    save();
  }

  function report(done, left, before) {
    const place = find("paste"), box = document.createElement("div");
    const name = (line) => line.box.querySelector("label").textContent;
    if (done.length) {
      const said = document.createElement("span");
      said.textContent = plain("pasted", { count: done.length, first: name(done[0][0]), last: name(done.at(-1)[0]) });
      box.append(said);
    }
    if (left.length) {
      const said = document.createElement("strong"), list = document.createElement("ul");
      said.textContent = plain("left");
      for (const [row, why] of left) {
        const item = document.createElement("li"), text = document.createElement("code");
        text.textContent = row.join("\t");
        item.append(text, ` – ${plain(why)}`);
        list.append(item);
      }
      box.append(said, list);
    }
    const button = (label, act) => {
      const one = document.createElement("button");
      one.type = "button";
      one.className = "btn btn-secondary btn-small";
      one.textContent = plain(label);
      one.addEventListener("click", () => { place.replaceChildren(); act(); });
      box.append(one);
    };
    if (done.length) button("undo", () => fill(before));
    button("close", () => start(before));
    place.replaceChildren(box);
  }
  const start = (before) => before.at(-1)?.[0].input.focus();

  // What is open, and going on

  for (const link of form.querySelectorAll("[data-show]")) {
    link.addEventListener("click", (event) => {
      event.preventDefault();
      for (const one of form.querySelectorAll("[data-show]")) one.removeAttribute("aria-current");
      link.setAttribute("aria-current", "true");
      history.replaceState(null, "", link.getAttribute("href") === "?" ? location.pathname : link.href);
      filter();
    });
  }

  function filter() {
    const only = form.querySelector("[data-show=open]").hasAttribute("aria-current");
    for (const line of order) line.box.hidden = only && !("open" in line.box.dataset) && !line.trouble && !dirty.has(line.code);
    for (const section of form.querySelectorAll("section.lines")) section.hidden = !section.querySelector("[data-line]:not([hidden])");
    find("none").hidden = !only || fields().length > 0;
  }

  form.addEventListener("submit", async (event) => {
    if (closed) return;
    event.preventDefault();
    const end = find("end");
    end.textContent = "";
    if (dirty.size || unexplained.size || sending) {
      const done = new Promise((go) => waiting.push(go));
      save();
      await Promise.race([done, new Promise((go) => setTimeout(go, SLOW))]);
    }
    const wrong = unsaved();
    if (wrong.length) {
      end.textContent = plain("wrong", { count: wrong.length });
      wrong[0].box.hidden = false;
      wrong[0].input.focus();
      return;
    }
    const open = order.filter((line) => "open" in line.box.dataset);
    if (!open.length) { location.assign(form.dataset.next); return; }
    const way = document.createElement("a");
    way.href = form.dataset.next;
    way.textContent = plain("anyway");
    end.append(plain("remaining", { count: open.length }), " ", way);
    const first = open.find(may) ?? open[0];
    first.box.closest("section").hidden = false;
    first.box.hidden = false;
    (first.filed && first.remarks.querySelector("textarea:not([readonly])") || first.input).focus();
  });

  window.addEventListener("beforeunload", (event) => {
    if (unsaved().length || unexplained.size) event.preventDefault();
  });
  window.addEventListener("online", () => { tries = 0; save(); });
  window.addEventListener("pagehide", () => save());

  // Coming back with the Back button: the browser fills in what stood there, the server may have something newer.
  window.addEventListener("pageshow", (event) => { if (event.persisted && !unsaved().length) location.reload(); });

  for (const line of order) line.origin = line.state.innerHTML;
  for (const place of document.querySelectorAll("[data-script]")) place.hidden = false;
  const check = find("check");
  if (check) check.textContent = check.dataset.check;
  filter();
  tell();
}
