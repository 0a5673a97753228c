"use strict";

// Swagger UI has its own dark colours, under this class; they follow the system here.
const dark = matchMedia("(prefers-color-scheme: dark)");
const follow = () => document.documentElement.classList.toggle("dark-mode", dark.matches);
dark.addEventListener("change", follow);
follow();

SwaggerUIBundle({
  dom_id: "#api",
  url: document.getElementById("api").dataset.schema,
  presets: [SwaggerUIBundle.presets.apis],
  layout: "BaseLayout",
  deepLinking: true,
  docExpansion: "none",
  filter: true,
  defaultModelsExpandDepth: 0,
  displayRequestDuration: true,
  // Nothing is kept: a token in a browser's storage is a token for whoever comes next.
  persistAuthorization: false,
  // Nothing is sent to swagger.io to be judged.
  validatorUrl: null,
});
