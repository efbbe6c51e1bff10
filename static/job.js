// The page of a job that is not over asks how far it is, and is opened anew when the job has ended.
"use strict";
{
  const place = document.querySelector("[data-job]");
  const voice = document.getElementById("job-say");
  let shown = "", said = "", wait = 1000;

  function say(text) {
    if (text !== said) voice.textContent = said = text;
  }

  async function look() {
    try {
      const answer = await fetch(window.location.href, { headers: { Accept: "application/json" }, cache: "no-store" });
      const told = (answer.headers.get("content-type") || "").startsWith("application/json") ? await answer.json() : null;
      if (answer.status >= 500) throw new Error("no answer");
      // Over, or the session is: the page itself says which, and leads on to the result.
      if (!told || !told.open) return window.location.reload();
      if (told.html !== shown) place.innerHTML = shown = told.html;
      say(told.say);
      wait = 1000;
    } catch {
      say(place.dataset.lost);
      shown = "";
      wait = Math.min(2 * wait, 15000);
    }
    setTimeout(look, document.hidden ? 5 * wait : wait);
  }
  if (place) setTimeout(look, wait);
}
