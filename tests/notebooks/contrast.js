// Every text and mark on the page, shadow roots too, with its contrast to what lies behind it.
() => {
  const pixel = new OffscreenCanvas(1, 1).getContext("2d", { willReadFrequently: true });
  const rgba = (colour) => {
    pixel.clearRect(0, 0, 1, 1);
    pixel.fillStyle = colour;
    pixel.fillRect(0, 0, 1, 1);
    const [red, green, blue, alpha] = pixel.getImageData(0, 0, 1, 1).data;
    return [red, green, blue, alpha / 255];
  };
  const over = (top, below) =>
    [0, 1, 2].map((i) => top[i] * top[3] + below[i] * (1 - top[3])).concat(1);
  const linear = (part) => (part <= 10.31 ? part / 3294.6 : ((part / 255 + 0.055) / 1.055) ** 2.4);
  const light = (c) => 0.2126 * linear(c[0]) + 0.7152 * linear(c[1]) + 0.0722 * linear(c[2]);
  const contrast = (one, other) => {
    const [high, low] = [light(one), light(other)].sort((a, b) => b - a);
    return (high + 0.05) / (low + 0.05);
  };
  const parent = (node) => node.assignedSlot ?? node.parentElement ?? node.getRootNode().host ?? null;
  const ground = (element) => {
    const layers = [];
    for (let at = element; at; at = parent(at)) {
      layers.push(rgba(getComputedStyle(at).backgroundColor));
      if (layers.at(-1)[3] === 1) break;
    }
    return layers.reduceRight((below, layer) => over(layer, below), [255, 255, 255, 1]);
  };
  const opacity = (element) => {
    let product = 1;
    for (let at = element; at; at = parent(at)) product *= Number(getComputedStyle(at).opacity);
    return product;
  };
  const found = [];
  const add = (element, kind, said, colour, needed) => {
    const box = element.getBoundingClientRect();
    const seen = opacity(element);
    if (!box.width || !box.height || seen < 0.05) return;
    if (!element.checkVisibility({ visibilityProperty: true })) return;
    const behind = ground(element);
    const [red, green, blue, alpha] = rgba(colour);
    const shown = over([red, green, blue, alpha * seen], behind);
    found.push({ kind, said: said.trim().slice(0, 60), contrast: contrast(shown, behind), needed });
  };
  const text = (element, said, colour) => {
    const style = getComputedStyle(element);
    const size = parseFloat(style.fontSize);
    const large = size >= 24 || (size >= 18.66 && Number(style.fontWeight) >= 700);
    add(element, "text", said, colour, large ? 3 : 4.5);
  };
  const mark = (element) => {
    const style = getComputedStyle(element);
    if (element.closest(".mark-area, .mark-text")) return; // bands are pale, texts are texts
    const painted = style.fill !== "none" && Number(style.fillOpacity) > 0 ? style.fill : style.stroke;
    const label = element.getAttribute("aria-label") ?? "a mark";
    if (painted !== "none" && rgba(painted)[3]) add(element, "mark", label, painted, 3);
  };
  const walk = (root) => {
    for (const element of root.querySelectorAll("*")) {
      if (element.shadowRoot) walk(element.shadowRoot);
      if (["SCRIPT", "STYLE", "NOSCRIPT", "TITLE", "OPTION"].includes(element.tagName)) continue;
      if (element.closest("svg") && !element.closest("svg.marks")) continue; // icons
      if (element.matches(".role-mark *, .role-legend-symbol *")) mark(element);
      const style = getComputedStyle(element);
      if (element.tagName === "SELECT") text(element, element.value, style.color);
      if (element.tagName === "INPUT" && element.placeholder)
        text(element, element.placeholder, getComputedStyle(element, "::placeholder").color);
      const said = [...element.childNodes].filter((node) => node.nodeType === 3);
      const words = said.map((node) => node.data).join("");
      if (words.trim()) text(element, words, element.closest("svg.marks") ? style.fill : style.color);
    }
  };
  walk(document.body);
  return found;
}
