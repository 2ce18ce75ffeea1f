// Keeps jobs that are under way up to date; without this script the page is loaded again.
const PAUSE = 1000;
const OPEN = ["queued", "running", "cancelling"];
const pause = (time) => new Promise((done) => setTimeout(done, time));

const show = (element, job) => {
  const names = element.closest("[data-done]").dataset;
  for (const field of element.querySelectorAll("[data-field]")) {
    const value = job[field.dataset.field];
    field.textContent = field.dataset.field === "state" ? names[value] : (value ?? "…");
    if (field.dataset.field === "state") field.className = `chip job-${value}`;
  }
  const bar = element.querySelector("progress");
  if (job.n_documents === null) return;
  bar.max = Math.max(job.n_documents, 1);
  bar.value = job.n_documents ? job.n_read : 1;
};

// The documents and what hangs on the state come from the server as they would without a script.
const reload = async () => {
  const answer = await fetch(location.href);
  if (!answer.ok) return;
  const page = new DOMParser().parseFromString(await answer.text(), "text/html");
  for (const selector of ["#documents", "section[data-job]"]) {
    const [old, fresh] = [document.querySelector(selector), page.querySelector(selector)];
    if (old && fresh) old.replaceWith(fresh);
  }
  document.dispatchEvent(new Event("shown"));
};

const watch = async (element) => {
  for (;;) {
    await pause(document.hidden ? 5 * PAUSE : PAUSE);
    const answer = await fetch(`/v1/jobs/${element.dataset.job}`, { headers: { Accept: "application/json" } }).catch(() => null);
    if (answer?.status === 401) return location.reload();
    if (!answer?.ok) continue;
    const job = await answer.json();
    show(element, job);
    if (!OPEN.includes(job.state)) return element.matches("section") && reload();
  }
};

document.querySelectorAll("[data-open]").forEach(watch);
