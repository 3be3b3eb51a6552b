// What the page does beside being read: figures explain themselves, tables sort, filter and give
// CSV, and links open what is folded.
'use strict';
(() => {
    const all = (what, where = document) => [...where.querySelectorAll(what)];
    const make = (name, set) => Object.assign(document.createElement(name), set);

    // Headings of columns and figures say what "How to read this" says of them.
    const meanings = all('#how-to-read-this li strong:first-child').map(name => [
        name.textContent.toLowerCase().split(', ')[0], name.parentNode.textContent]);
    for (const th of all('th'))
        th.title = (meanings.find(([name]) => th.textContent.toLowerCase().startsWith(name)) ||
            meanings.find(([name]) => th.textContent.toLowerCase().includes(name)) || [])[1] || '';

    // ---- Tables --------------------------------------------------------------------------------

    const units = {ns: 1e-9, us: 1e-6, ms: 1e-3, s: 1, min: 60, h: 3600, bytes: 1, KB: 1e3, MB: 1e6,
        GB: 1e9, TB: 1e12};
    const value = cell => {
        const [, number, unit] = /(-?[\d,]+\.?\d*)\s*([a-zA-Z]*)/.exec(cell.textContent) || [];
        return number === undefined ? null : number.replaceAll(',', '') * (units[unit] || 1);
    };
    const sort = (table, column, up) => {
        const body = table.tBodies[0], rows = [...body.rows];
        const numeric = table.tHead.rows[0].cells[column].align === 'right';
        const key = row => numeric ? value(row.cells[column]) : row.cells[column].textContent;
        const known = rows.filter(row => key(row) !== null && key(row) !== '');
        known.sort((a, b) => (key(a) < key(b) ? -1 : key(a) > key(b) ? 1 : 0) * (up ? 1 : -1));
        body.append(...known, ...rows.filter(row => !known.includes(row)));
    };
    const csv = table => [...table.rows].filter(row => !row.hidden).map(row => [...row.cells]
        .map(cell => '"' + cell.textContent.trim().replaceAll('"', '""') + '"').join(',') + '\r\n')
        .join('');

    for (const [n, tools] of all('.tools').entries()) {
        const table = tools.previousElementSibling.querySelector('table');
        for (const th of table.tHead.rows[0].cells) {
            const button = make('button', {type: 'button', className: 'sort'});
            button.append(...th.childNodes);
            button.onclick = () => {
                const up = th.ariaSort !== 'ascending';
                for (const other of th.parentNode.cells)
                    other.removeAttribute('aria-sort');
                th.ariaSort = up ? 'ascending' : 'descending';
                sort(table, th.cellIndex, up);
            };
            th.append(button);
        }
        const save = make('button', {type: 'button', textContent: 'CSV'});
        save.onclick = () => {
            const url = URL.createObjectURL(new Blob([csv(table)], {type: 'text/csv'}));
            make('a', {href: url, download: `table-${n + 1}.csv`}).click();
            URL.revokeObjectURL(url);
        };
        tools.append(save);
        if (table.tBodies[0].rows.length > 5) {
            const filter = make('input', {type: 'search', placeholder: 'filter rows'});
            filter.ariaLabel = 'filter the rows of this table';
            filter.oninput = () => {
                const wanted = filter.value.toLowerCase();
                for (const row of table.tBodies[0].rows)
                    row.hidden = !row.textContent.toLowerCase().includes(wanted);
            };
            tools.append(filter);
        }
    }

    // ---- What is folded ------------------------------------------------------------------------

    const show = () => {
        const target = document.getElementById(decodeURIComponent(location.hash.slice(1)));
        for (let part = target; part; part = part.parentElement)
            if (part.tagName === 'DETAILS')
                part.open = true;
        target?.scrollIntoView();
    };
    addEventListener('hashchange', show);
    show();
    let folded = [];
    addEventListener('beforeprint', () => {
        folded = all('details:not([open])');
        for (const part of folded)
            part.open = true;
    });
    addEventListener('afterprint', () => {
        for (const part of folded)
            part.open = false;
    });
    for (const [name, open] of [['unfold all', true], ['fold all', false]]) {
        const button = make('button', {type: 'button', textContent: name});
        button.onclick = () => {
            for (const part of all('details'))
                part.open = open;
        };
        document.querySelector('nav').append(button);
    }
})();
