// Reads the charts out under the pointer. The page says everything without it.
(() => {
  const data = JSON.parse(document.getElementById("samples").textContent);
  const plots = [...document.querySelectorAll(".plot")];
  const hairs = plots.map((plot) => {
    const hair = document.createElement("div");
    hair.className = "hair";
    hair.hidden = true;
    plot.append(hair);
    return hair;
  });
  const english = new Intl.NumberFormat("en", { maximumFractionDigits: 1 });
  const format = (value) => english.format(value).replaceAll(",", "\u202f");
  function nearest(at) {
    let low = 0, high = data.times.length - 1;
    while (low < high) {
      const middle = (low + high + 1) >> 1;
      if (data.times[middle] <= at) low = middle; else high = middle - 1;
    }
    return low;
  }
  function show(share) {
    const place = nearest(share * data.end);
    const time = format(data.times[place]);
    plots.forEach((plot, index) => {
      const figure = plot.parentElement;
      const panel = data.panels[Number(plot.dataset.panel)];
      const values = panel.map(([name, line]) => panel.length > 1 ? name + " " + format(line[place]) : format(line[place]));
      const low = figure.classList.contains("low");
      figure.querySelector("output").textContent = low ? values.join(" ") : values.join(", ") + " at " + time + " s";
      figure.classList.add("reading");
      hairs[index].hidden = false;
      hairs[index].style.left = share * 100 + "%";
    });
  }
  function hide() {
    plots.forEach((plot, index) => {
      plot.parentElement.querySelector("output").textContent = "";
      plot.parentElement.classList.remove("reading");
      hairs[index].hidden = true;
    });
  }
  for (const plot of plots) {
    plot.addEventListener("pointermove", (event) => {
      const field = plot.getBoundingClientRect();
      show(Math.min(1, Math.max(0, (event.clientX - field.left) / field.width)));
    });
    plot.addEventListener("pointerleave", hide);
  }
})();
