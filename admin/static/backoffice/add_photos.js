// Adding photos: read, ask for a ticket, send straight to object storage, tell, and show what was found.
"use strict";

(() => {
  const settings = JSON.parse(document.getElementById("upload-settings").textContent);
  const say = settings.sentences;
  const token = document.querySelector("input[name=csrfmiddlewaretoken]").value;
  const list = document.getElementById("uploads");
  const summary = document.getElementById("summary");
  const drop = document.getElementById("drop");
  const input = document.getElementById("files");

  // Sending is what takes long: a few at once fill the line, more would only share it.
  const AT_ONCE = 3;
  const FIRST_ASK_MS = 700;
  const SLOWEST_ASK_MS = 4000;
  const SLOW_MS = 60_000;
  // Some systems give no type for these.
  const TYPES = {
    jpg: "image/jpeg", jpeg: "image/jpeg", png: "image/png", webp: "image/webp", gif: "image/gif",
    heic: "image/heic", heif: "image/heif", avif: "image/avif", tif: "image/tiff", tiff: "image/tiff",
  };

  const uploads = []; // each: {file, row, id, state: waiting | busy | stored | ready | failed}
  let busy = 0;
  let asking = null;

  class Refusal extends Error {}

  const fill = (sentence, ...values) =>
    sentence.replace(/\{(\d)\}/g, (_, place) => String(values[Number(place)]));

  const readable = (bytes) =>
    bytes < 1_048_576
      ? `${Math.ceil(bytes / 1024)} KB`
      : `${(bytes / 1_048_576).toFixed(bytes < 10_485_760 ? 1 : 0)} MB`;

  function element(tag, className, text) {
    const made = document.createElement(tag);
    if (className) made.className = className;
    if (text) made.textContent = text;
    return made;
  }

  function addRow(file) {
    const row = element("li", "upload");
    const picture = element("span", "picture");
    const body = element("div", "body");
    const name = element("a", "name", file.name);
    const size = element("span", "size", readable(file.size));
    const state = element("p", "said", say.waiting);
    const bar = element("progress", "bar");
    bar.max = 1;
    bar.value = 0;
    const found = element("dl", "found");
    const failures = element("ul", "failures");
    body.append(name, " ", size, state, bar, found, failures);
    row.append(picture, body);
    list.append(row);
    return { row, picture, name, state, bar, found, failures, body };
  }

  function tell(upload, sentence, { progress = null, failed = false, done = false } = {}) {
    const { row, state, bar } = upload.view;
    state.textContent = sentence;
    row.classList.toggle("is-failed", failed);
    row.classList.toggle("is-ready", done);
    bar.hidden = failed || done;
    if (progress === null) bar.removeAttribute("value");
    else bar.value = progress;
  }

  function fail(upload, sentence, canRepeat) {
    upload.state = "failed";
    tell(upload, sentence, { failed: true, progress: 0 });
    if (canRepeat) {
      const again = element("button", "again", say.try_again);
      again.type = "button";
      again.addEventListener("click", () => {
        again.remove();
        upload.state = "waiting";
        tell(upload, say.waiting, { progress: 0 });
        next();
      });
      upload.view.body.append(again);
    }
    count();
  }

  function count() {
    const ready = uploads.filter((each) => each.state === "ready").length;
    const failed = uploads.filter((each) => each.state === "failed").length;
    summary.hidden = uploads.length === 0;
    summary.textContent = fill(failed ? say.summary_failed : say.summary, ready, uploads.length, failed);
  }

  function add(files) {
    for (const file of files) {
      const upload = { file, view: addRow(file), state: "waiting", id: null, storedAt: 0 };
      uploads.push(upload);
      const extension = file.name.toLowerCase().split(".").pop();
      upload.type = file.type && settings.types.includes(file.type) ? file.type : TYPES[extension];
      if (!upload.type) fail(upload, say.unsupported, false);
      else if (file.size === 0) fail(upload, say.empty, false);
      else if (file.size > settings.max_bytes) {
        fail(upload, fill(say.too_large, readable(settings.max_bytes)), false);
      }
    }
    count();
    next();
  }

  function next() {
    while (busy < AT_ONCE) {
      const upload = uploads.find((each) => each.state === "waiting");
      if (!upload) return;
      upload.state = "busy";
      busy += 1;
      send(upload)
        .catch((error) => fail(upload, error instanceof Refusal ? error.message : String(error), true))
        .finally(() => {
          busy -= 1;
          next();
        });
    }
  }

  async function send(upload) {
    tell(upload, say.reading);
    let sha256;
    try {
      sha256 = await sha256OfFile(upload.file);
    } catch {
      throw new Refusal(say.unreadable);
    }
    const { file } = upload;
    const ticket = await ask(settings.ticket_url, {
      filename: file.name.slice(-255), size: file.size, content_type: upload.type, sha256,
    });
    upload.id = ticket.id;
    if (ticket.duplicate) {
      upload.duplicate = true;
    } else {
      tell(upload, say.sending, { progress: 0 });
      await post(ticket.upload, upload);
      tell(upload, say.stored);
      await ask(ticket.complete_url, {});
    }
    upload.state = "stored";
    upload.storedAt = Date.now();
    tell(upload, upload.duplicate ? say.duplicate : say.stored);
    askSoon(FIRST_ASK_MS);
  }

  // Ours: JSON both ways; a problem's sentence is already in the reader's language.
  async function ask(url, body) {
    let answer;
    try {
      answer = await fetch(url, {
        method: body ? "POST" : "GET",
        headers: body ? { "Content-Type": "application/json", "X-CSRFToken": token } : {},
        body: body ? JSON.stringify(body) : undefined,
        credentials: "same-origin",
      });
    } catch {
      throw new Refusal(say.server_away);
    }
    if (answer.redirected || answer.status === 403) throw new Refusal(say.signed_out);
    let content;
    try {
      content = await answer.json();
    } catch {
      throw new Refusal(say.server_away);
    }
    if (!answer.ok) throw new Refusal(content.detail || say.server_away);
    return content;
  }

  // Object storage: a form, because it alone tells how far the sending is.
  function post({ url, fields }, upload) {
    return new Promise((resolve, reject) => {
      const form = new FormData();
      for (const [name, value] of Object.entries(fields)) form.append(name, value);
      form.append("file", upload.file);
      const request = new XMLHttpRequest();
      request.upload.addEventListener("progress", (event) => {
        if (event.lengthComputable) tell(upload, say.sending, { progress: event.loaded / event.total });
      });
      request.addEventListener("load", () => {
        if (request.status >= 200 && request.status < 300) return resolve();
        const code = /<Code>([A-Za-z0-9]+)<\/Code>/.exec(request.responseText);
        return reject(new Refusal(fill(say.storage_refused, code ? code[1] : request.status)));
      });
      for (const event of ["error", "abort", "timeout"]) {
        request.addEventListener(event, () => reject(new Refusal(say.storage_away)));
      }
      request.open("POST", url);
      request.send(form);
    });
  }

  let pause = FIRST_ASK_MS;

  function askSoon(milliseconds) {
    pause = milliseconds;
    if (asking === null) asking = setTimeout(askStates, pause);
  }

  async function askStates() {
    const open = uploads.filter((each) => each.state === "stored");
    let moved = false;
    for (let start = 0; start < open.length; start += settings.max_states) {
      const ids = open.slice(start, start + settings.max_states).map((each) => each.id);
      try {
        const answer = await ask(`${settings.states_url}?ids=${ids.join(",")}`, null);
        for (const photo of answer.photos) {
          for (const upload of open.filter((each) => each.id === photo.id)) {
            moved = show(upload, photo) || moved;
          }
        }
      } catch (error) {
        if (error.message === say.signed_out) {
          for (const upload of open) tell(upload, say.signed_out);
          asking = null;
          return;
        }
      }
    }
    count();
    asking = null;
    if (uploads.some((each) => each.state === "stored")) {
      askSoon(moved ? FIRST_ASK_MS : Math.min(SLOWEST_ASK_MS, pause * 1.3));
    }
  }

  // True if something has changed since the last time.
  function show(upload, photo) {
    const { view } = upload;
    const now = JSON.stringify([photo.status, photo.done, photo.all, photo.found, photo.failures]);
    const moved = upload.seen !== now;
    upload.seen = now;
    view.name.href = photo.page;
    if (photo.thumbnail && !view.picture.firstChild) {
      const picture = element("img");
      picture.src = photo.thumbnail;
      picture.alt = "";
      view.picture.append(picture);
    }
    view.found.replaceChildren(
      ...photo.found.flatMap(([name, text]) => [element("dt", "", name), element("dd", "", text)]),
    );
    view.failures.replaceChildren(...photo.failures.map((text) => element("li", "", text)));
    if (photo.status === "ready") {
      upload.state = "ready";
      tell(upload, upload.duplicate ? say.duplicate : say.ready, { done: true });
    } else if (photo.status === "failed") {
      upload.state = "failed";
      tell(upload, say.failed, { failed: true });
    } else if (photo.status === "awaiting_upload") {
      tell(upload, say.not_arrived);
    } else if (!moved && Date.now() - upload.storedAt > SLOW_MS) {
      tell(upload, say.slow, { progress: photo.all ? photo.done / photo.all : null });
    } else {
      const steps = photo.all ? fill(say.steps, photo.done, photo.all) : say.stored;
      tell(upload, steps, { progress: photo.all ? photo.done / photo.all : null });
    }
    return moved;
  }

  input.addEventListener("change", () => {
    add(Array.from(input.files));
    input.value = ""; // so that the same file can be chosen again
  });

  // The whole page takes drops: a photo dropped beside the field must not replace the page.
  let inside = 0;
  document.addEventListener("dragenter", (event) => {
    event.preventDefault();
    inside += 1;
    drop.classList.add("is-over");
  });
  document.addEventListener("dragleave", () => {
    inside -= 1;
    if (inside <= 0) drop.classList.remove("is-over");
  });
  document.addEventListener("dragover", (event) => event.preventDefault());
  document.addEventListener("drop", (event) => {
    event.preventDefault();
    inside = 0;
    drop.classList.remove("is-over");
    add(Array.from(event.dataTransfer.files));
  });

  window.addEventListener("beforeunload", (event) => {
    if (uploads.some((each) => each.state === "busy" || each.state === "waiting")) event.preventDefault();
  });
})();
