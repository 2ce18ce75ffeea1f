// Files dropped or chosen are sent with progress; without this script the form sends them as forms do.
const form = document.getElementById("give-files");

if (form) {
  const input = form.elements.files;
  const part = (name) => form.querySelector(`[data-part="${name}"]`);
  const say = (text) => {
    part("alarm").textContent = text;
    part("alarm").hidden = !text;
  };

  const send = (files) => {
    if ([...files].reduce((sum, file) => sum + file.size, 0) > Number(form.dataset.max)) return say(form.dataset.tooLarge);
    say("");
    const body = new FormData();
    for (const file of files) body.append("files", file, file.name);
    const request = new XMLHttpRequest();
    const bar = part("progress").querySelector("progress");
    const finish = (text) => {
      form.classList.remove("sending");
      part("progress").hidden = true;
      form.querySelector("button").disabled = false;
      say(text);
    };
    request.upload.onprogress = (event) => {
      if (!event.lengthComputable) return;
      bar.value = event.loaded / event.total;
      part("sent").textContent = form.dataset.sent.replace("%", `${Math.floor(bar.value * 100)}%`);
    };
    request.onload = () => {
      if (request.status < 300) return location.assign(`/jobs/${request.response.id}`);
      if (request.status === 401) return location.assign("/sign-in");
      finish(request.response?.detail ?? form.dataset.failed);
    };
    request.onerror = () => finish(form.dataset.failed);
    request.open("POST", "/v1/jobs");
    request.responseType = "json";
    request.setRequestHeader("X-CSRF-Token", form.elements.csrf.value);
    part("progress").hidden = false;
    form.querySelector("button").disabled = true;
    request.send(body);
  };

  form.addEventListener("submit", (event) => {
    event.preventDefault();
    send(input.files);
  });
  // Anywhere on the page, so that a file that misses the form is not opened instead of the page.
  addEventListener("dragover", (event) => {
    event.preventDefault();
    form.classList.add("over");
  });
  addEventListener("dragleave", (event) => event.relatedTarget ?? form.classList.remove("over"));
  addEventListener("drop", (event) => {
    event.preventDefault();
    form.classList.remove("over");
    const items = [...event.dataTransfer.items].map((item) => item.webkitGetAsEntry?.());
    if (items.some((entry) => entry?.isDirectory)) return say(form.dataset.folder);
    if (event.dataTransfer.files.length) send(event.dataTransfer.files);
  });
}
