// What test_page asks of a page in the browser. Each function gives what is wrong, in words.
globalThis.probe = (() => {
    const all = (what, where = document) => [...where.querySelectorAll(what)];
    const shown = element => element.checkVisibility({visibilityProperty: true});
    const unfold = () => all('details').forEach(part => part.open = true);

    // Texts of pictures that leave the canvas, or lie upon one another.
    const texts = () => all('figure').filter(shown).flatMap(figure => {
        const canvas = figure.querySelector('svg').getBoundingClientRect();
        const boxes = all('text', figure)
            .map(text => [text.textContent, text.getBoundingClientRect()])
            .filter(([, box]) => box.width > 0);
        const outside = boxes.filter(([, box]) => box.left < canvas.left - 1 ||
            box.right > canvas.right + 1 || box.top < canvas.top - 1 ||
            box.bottom > canvas.bottom + 1);
        const upon = boxes.flatMap(([text, a], i) => boxes.slice(i + 1)
            .filter(([, b]) => Math.min(a.right, b.right) - Math.max(a.left, b.left) > 2 &&
                Math.min(a.bottom, b.bottom) - Math.max(a.top, b.top) > 3)
            .map(([other]) => `${figure.id}: "${text}" lies upon "${other}"`));
        return outside.map(([text]) => `${figure.id}: "${text}" leaves the canvas`).concat(upon);
    });

    // How many figures each picture has that say what they are.
    const points = () => Object.fromEntries(all('figure').map(figure =>
        [figure.id.replace('plot-', ''), all('title', figure).length]));

    // ---- Contrast -----------------------------------------------------------------------------

    const parts = colour => (colour.match(/[\d.]+/g) || []).map(Number);
    const luminance = colour => {
        const [r, g, b] = colour.map(c => c / 255)
            .map(c => c <= 0.03928 ? c / 12.92 : ((c + 0.055) / 1.055) ** 2.4);
        return 0.2126 * r + 0.7152 * g + 0.0722 * b;
    };
    const ground = element => {
        for (; element; element = element.parentElement) {
            const [r, g, b, alpha = 1] = parts(getComputedStyle(element).backgroundColor);
            if (alpha > 0)
                return [r, g, b];
        }
        return [255, 255, 255];
    };
    const ink = element => {
        const style = getComputedStyle(element), svg = element.closest('figure svg');
        const colour = parts(svg ? style.fill : style.color).slice(0, 3);
        return svg && getComputedStyle(svg).filter.includes('invert(1)')
            ? colour.map(c => 255 - c) : colour;
    };
    const contrast = () => [...new Set(all('main *').filter(element => shown(element) &&
        [...element.childNodes].some(node => node.nodeType === 3 && node.data.trim() !== ''))
        .flatMap(element => {
            const [a, b] = [luminance(ink(element)), luminance(ground(element))];
            const ratio = (Math.max(a, b) + 0.05) / (Math.min(a, b) + 0.05);
            return ratio < 4.5 ? [`<${element.tagName}> has a contrast of ${ratio.toFixed(1)}: ` +
                element.textContent.trim().slice(0, 40)] : [];
        }))];

    // ---- The whole -----------------------------------------------------------------------------

    const sideways = () => {
        const root = document.documentElement, more = root.scrollWidth - root.clientWidth;
        return more > 0 ? [`it scrolls sideways by ${more} pixels`] : [];
    };
    const links = () => all('a').filter(a => a.hash && !document.getElementById(
        decodeURIComponent(a.hash.slice(1)))).map(a => `${a.hash} leads nowhere`);
    // Whether the rows of a table stand as its column says that they do.
    const order = (table, column) => {
        const values = [...table.tBodies[0].rows].map(row => parseFloat(
            row.cells[column].textContent.replaceAll(',', '')) * (/\d\s*s\b/.test(
            row.cells[column].textContent) ? 1000 : 1));
        return values.every((value, i) => i === 0 || value >= values[i - 1]);
    };
    return {unfold, texts, points, contrast, sideways, links, order};
})();
