// Portal: what the platform offers where scripts run. Every page works without.

// A password may be looked at.
for (const input of document.querySelectorAll("input[data-show]")) {
  const button = document.createElement("button");
  button.type = "button";
  button.className = "plain show";
  button.textContent = input.dataset.show;
  button.setAttribute("aria-controls", input.id);
  button.addEventListener("click", () => {
    const is_hidden = input.type === "password";
    input.type = is_hidden ? "text" : "password";
    button.textContent = is_hidden ? input.dataset.hide : input.dataset.show;
    input.focus();
  });
  input.after(button);
  input.form.addEventListener("submit", () => { input.type = "password"; });
}

// A form is sent once: the second of two clicks would find the link used.
for (const form of document.forms) {
  let is_sent = false;
  form.addEventListener("submit", (event) => {
    if (is_sent) event.preventDefault();
    is_sent = true;
    form.querySelector("[type=submit]")?.setAttribute("aria-disabled", "true");
  });
}
// Back from the next page, it may be sent again.
addEventListener("pageshow", (event) => { if (event.persisted) location.reload(); });
