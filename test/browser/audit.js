// What a page must be for everybody; gives what is wrong as sentences. The
// numbers are those of WCAG 2.2: 1.4.3 contrast, 1.4.10 reflow, 2.5.8 target
// size, 3.1.1 language, 4.1.2 names.
(() => {
  const problems = [];
  const label = e => `<${e.localName}${e.name ? " name=" + e.name : ""}${e.id ? " id=" + e.id : ""}>`;

  if (!document.documentElement.lang) problems.push("the page says no language");
  if (!document.title) problems.push("the page has no title");
  if (document.querySelectorAll("h1").length !== 1) problems.push("the page has not one h1");
  const wide = document.documentElement.scrollWidth - document.documentElement.clientWidth;
  if (wide > 0) problems.push(`the page is ${wide} pixels wider than the window`);

  const ids = new Set();
  for (const e of document.querySelectorAll("[id]")) {
    if (ids.has(e.id)) problems.push(`the id ${e.id} occurs twice`);
    ids.add(e.id);
  }
  for (const e of document.querySelectorAll("input:not([type=hidden]), select, textarea, button, a")) {
    const names = e.labels ? [...e.labels].map(l => l.innerText) : [];
    const name = (e.getAttribute("aria-label") || names.join(" ") || e.innerText || "").trim();
    if (!name) problems.push(`${label(e)} has no name`);
    const box = (e.labels && e.labels[0] && e.labels[0].contains(e) ? e.labels[0] : e).getBoundingClientRect();
    if (box.height < 24 || box.width < 24) problems.push(`${label(e)} is too small to touch: ${box.width} × ${box.height}`);
    if (e.tabIndex < 0) problems.push(`${label(e)} cannot be reached with the keyboard`);
    for (const id of (e.getAttribute("aria-describedby") || "").split(" ").filter(Boolean))
      if (!ids.has(id)) problems.push(`${label(e)} is described by ${id}, which is not there`);
  }

  const parse = text => {
    const n = text.match(/[\d.]+/g).map(Number);
    return { r: n[0], g: n[1], b: n[2], a: n.length > 3 ? n[3] : 1 };
  };
  const over = (top, under) => ({
    r: top.r * top.a + under.r * (1 - top.a),
    g: top.g * top.a + under.g * (1 - top.a),
    b: top.b * top.a + under.b * (1 - top.a), a: 1,
  });
  const background = e => {
    if (!e) return { r: 255, g: 255, b: 255, a: 1 };
    const own = parse(getComputedStyle(e).backgroundColor);
    return own.a === 1 ? own : over(own, background(e.parentElement));
  };
  const light = c => {
    const [r, g, b] = [c.r, c.g, c.b].map(v => (v /= 255) <= 0.04045 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4);
    return 0.2126 * r + 0.7152 * g + 0.0722 * b;
  };
  const contrast = (e, color) => {
    const under = background(e);
    const [a, b] = [light(over(parse(color), under)), light(under)].sort((x, y) => y - x);
    return (a + 0.05) / (b + 0.05);
  };
  const holders = new Set(document.querySelectorAll("input:not([type=hidden]), select, textarea"));
  for (let walk = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT); walk.nextNode();)
    if (walk.currentNode.data.trim()) holders.add(walk.currentNode.parentElement);
  for (const e of holders) {
    const style = getComputedStyle(e);
    if (!e.checkVisibility() || style.clipPath !== "none") continue;
    const size = parseFloat(style.fontSize);
    const large = size >= 24 || size >= 18.66 && style.fontWeight >= 700;
    const got = contrast(e, style.color);
    if (got < (large ? 3 : 4.5)) problems.push(`${label(e)} has a contrast of ${got.toFixed(2)}: ${e.innerText || e.value}`);
  }
  for (const e of document.querySelectorAll("input:not([type=hidden], [type=checkbox], [type=radio]), select, textarea")) {
    const got = contrast(e.parentElement, getComputedStyle(e).borderTopColor);
    if (got < 3) problems.push(`the border of ${label(e)} has a contrast of ${got.toFixed(2)}`);
  }
  if (holders.size === 0) problems.push("nothing was looked at");
  return problems;
})()
