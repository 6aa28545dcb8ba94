'use strict';
(() => {
  const data = JSON.parse(document.getElementById('data').textContent);
  const root = document.documentElement;
  const slider = document.getElementById('k');
  const elbow = document.getElementById('elbow');
  const change = document.getElementById('change');
  const filter = document.getElementById('filter');
  const output = document.getElementById('k-text');
  const cards = [...document.querySelectorAll('.card')];
  const stepped = [...document.querySelectorAll('[data-k]')];
  const figures = cards.map(card => [...card.querySelectorAll('img.strip')].map(img => img.closest('figure')));

  /** The k that an image shows. */
  const shown = card => Math.min(elbow.checked ? +card.dataset.elbow : +slider.value, +card.dataset.n);

  function describe(k) {
    if ('damped' in output.dataset) return k === 0 ? 'strength 0: the reconstruction' : `${data.steps[k]}, strength ${k} of ${slider.max}`;
    return k === 0 ? 'k = 0: the reconstruction' : `k = ${k}: ${k} direction${k === 1 ? '' : 's'} removed`;
  }

  /** Moves everything on the page to the slider's position. Pictures follow the style sheet's --k. */
  function show() {
    const key = elbow.checked ? 'elbow' : slider.value;
    output.textContent = elbow.checked ? 'each image at its elbow' : describe(+slider.value);
    slider.setAttribute('aria-valuetext', output.textContent);
    root.style.setProperty('--k', slider.value);
    root.classList.toggle('at-elbow', elbow.checked);
    cards.forEach((card, i) => {
      if (elbow.checked) card.style.setProperty('--k', card.dataset.elbow);
      else card.style.removeProperty('--k');
      let strip = 0;
      data.items[i].rows.forEach(row => {
        if (!row.labels.length) return;
        const figure = figures[i][strip++];
        figure.querySelector('small').textContent = row.labels[shown(card)];
        figure.classList.toggle('none', !row.made[shown(card)]);
      });
    });
    stepped.forEach(element => element.classList.toggle('now', element.dataset.k === key));
  }

  /** Lays the reconstruction over the samples, so that the blend mode leaves their difference. */
  function showChange() {
    if (change.checked && !document.querySelector('.base')) {
      cards.forEach(card => {
        const reconstruction = card.querySelector('.reconstruction img');
        card.querySelectorAll('img.strip').forEach(strip => {
          const base = new Image();
          base.src = reconstruction.src;
          base.alt = '';
          base.className = 'base';
          strip.after(base);
        });
      });
    }
    root.classList.toggle('changes', change.checked);
  }

  function showFiltered() {
    cards.forEach(card => {
      const kept = filter.value === 'all' || filter.value === card.dataset.group
          || filter.value === 'warned' && card.classList.contains('warned');
      card.hidden = !kept;
    });
  }

  const dialog = document.getElementById('detail');
  let current = 0;

  function element(tag, text, css) {
    const made = document.createElement(tag);
    if (text !== undefined) made.textContent = text;
    if (css) made.className = css;
    return made;
  }

  /** A strip with all of its pictures in view, and a line of text under each. */
  function film(title, src, texts, alt, now) {
    const frame = element('div', undefined, 'frame');
    const img = new Image();
    img.src = src;
    img.alt = alt;
    img.className = 'whole';
    frame.append(img);
    const list = element('ol');
    texts.forEach((text, i) => {
      const entry = element('li', text, i === now ? 'now' : '');
      entry.title = text;
      list.append(entry);
    });
    return [element('h3', title), frame, list];
  }

  /** A table of strings, one column in colour. */
  function table(corner, columns, rows, now) {
    const made = element('table', undefined, 'numbers');
    const head = made.createTHead().insertRow();
    [corner, ...columns].forEach((text, i) => {
      const th = element('th', text, i === now + 1 ? 'now' : '');
      th.scope = 'col';
      head.append(th);
    });
    const body = made.createTBody();
    rows.forEach(([name, cells]) => {
      const row = body.insertRow();
      const th = element('th', name);
      th.scope = 'row';
      row.append(th);
      cells.forEach((cell, i) => row.append(element('td', cell, i === now ? 'now' : '')));
    });
    const scroll = element('div', undefined, 'scroll');
    scroll.append(made);
    return scroll;
  }

  /** Everything about one image: all samples side by side, the numbers by k, the directions. */
  function detail(i) {
    current = (i + cards.length) % cards.length;
    const card = cards[current];
    const item = data.items[current];
    const n = +card.dataset.n;
    const now = shown(card);
    const ks = [...Array(n + 1).keys()];
    document.getElementById('detail-title').textContent =
        card.querySelector('h3').textContent + ' · ' + card.querySelector('.name').textContent;

    const films = element('div', undefined, 'film' + (card.classList.contains('pixels') ? ' pixels' : ''));
    films.tabIndex = 0;
    ['--w', '--h', '--n'].forEach(name => films.style.setProperty(name, card.style.getPropertyValue(name)));
    const series = item.rows.map((row, s) => ({ name: data.series[s], ...row })).filter(row => row.labels.length);
    series.forEach((row, s) => {
      const img = figures[current][s].querySelector('img');
      films.append(...film(row.name, img.src, row.labels, img.alt, now));
    });
    if (item.pictures) {
      const parts = film('directions', item.pictures, ks.slice(1).map(k => 'i = ' + k), 'The directions as pictures', -1);
      parts[1].style.setProperty('--n', n - 1);
      films.append(...parts);
    }
    item.moved.forEach(row => {
      const parts = film('what this direction does: ' + row.name, row.strip,
          ks.slice(1, row.count + 1).map(k => 'i = ' + k), 'The latent moved along the directions, decoded: ' + row.name, -1);
      parts[1].style.setProperty('--n', row.count - 1);
      films.append(...parts);
    });
    const measures = data.measures.map((name, m) =>
        table(name, ks.map(k => data.steps[k]), series.map(row => [row.name, row.values[m]]), now));
    const directions = table('direction', ks.slice(1).map(k => 'i = ' + k), Object.entries(item.directions), -1);
    document.getElementById('detail-body').replaceChildren(
        ...('damped' in output.dataset ? [] : [element('p', `elbow ${card.dataset.elbow}, k used ${item.chosen}`)]),
        ...[...card.querySelectorAll('.warning')].map(warning => warning.cloneNode(true)),
        films, ...measures, directions);
    if (!dialog.open) dialog.showModal();
    dialog.scrollTop = 0;
  }

  slider.addEventListener('input', () => {
    elbow.checked = false;
    show();
  });
  elbow.addEventListener('change', show);
  change.addEventListener('change', showChange);
  filter.addEventListener('change', showFiltered);
  document.querySelector('.bar').addEventListener('submit', event => event.preventDefault());
  cards.forEach((card, i) => card.querySelector('.more').addEventListener('click', () => detail(i)));
  document.getElementById('close').addEventListener('click', () => dialog.close());
  document.getElementById('previous').addEventListener('click', () => detail(current - 1));
  document.getElementById('next').addEventListener('click', () => detail(current + 1));
  dialog.addEventListener('click', event => {
    if (event.target === dialog) dialog.close();
  });
  document.addEventListener('keydown', event => {
    if (event.altKey || event.ctrlKey || event.metaKey || !['ArrowLeft', 'ArrowRight'].includes(event.key)) return;
    const by = event.key === 'ArrowLeft' ? -1 : 1;
    if (dialog.open) {
      if (!event.target.closest('.film, .scroll')) detail(current + by);
    } else if (event.target === document.body) {
      slider.value = +slider.value + by;
      slider.dispatchEvent(new Event('input'));
    }
  });
  const copy = document.getElementById('copy');
  if (copy) {
    copy.addEventListener('click', async () => {
      const command = document.getElementById('command');
      try {
        await navigator.clipboard.writeText(command.textContent);
        copy.textContent = 'Copied';
      } catch {
        getSelection().selectAllChildren(command);
        copy.textContent = 'Selected';
      }
    });
  }
  show();
})();
