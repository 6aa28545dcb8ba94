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
  const figures = cards.map(card => [...card.querySelectorAll('.strip')].map(strip => strip.closest('figure')));

  /** The k that an image shows. */
  const shown = card => Math.min(elbow.checked ? +card.dataset.elbow : +slider.value, +card.dataset.n);

  function describe(k) {
    if ('damped' in output.dataset) return k === 0 ? 'strength 0: the reconstruction' : `${data.steps[k]}, strength ${k} of ${slider.max}`;
    return k === 0 ? 'k = 0: the reconstruction' : `k = ${k}: ${k} direction${k === 1 ? '' : 's'} removed`;
  }

  const missing = document.getElementById('missing');
  const loads = [];

  /** All pictures of an image, where the page has thumbnails alone: a promise that is kept when they are there, or cannot be had. */
  function load(i) {
    if (!missing) return Promise.resolve();
    loads[i] ??= new Promise(done => {
      const file = missing.dataset.folder + '/' + data.files[i];
      const img = new Image();
      img.onload = () => {
        const sheet = document.styleSheets[document.styleSheets.length - 1];
        sheet.insertRule(`.i${i}{background-image:url("${encodeURI(file)}")}`, sheet.cssRules.length);
        cards[i].classList.remove('thumbs');
        done();
      };
      img.onerror = () => {
        missing.hidden = false;
        done();
      };
      img.src = encodeURI(file);
    });
    return loads[i];
  }

  /** Thumbnails show the first position; at another one the images in view need all of their pictures. */
  const inView = new Set();
  const loadInView = () => {
    if (elbow.checked || +slider.value !== data.k) inView.forEach(load);
  };
  if (missing) {
    const observer = new IntersectionObserver(entries => {
      entries.forEach(entry => inView[entry.isIntersecting ? 'add' : 'delete'](cards.indexOf(entry.target)));
      loadInView();
    }, { rootMargin: '300px' });
    cards.forEach(card => observer.observe(card));
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
    const at = document.getElementById('at');
    if (at) at.textContent = elbow.checked ? 'each image’s elbow' : data.steps[+slider.value];
    loadInView();
    stepped.forEach(element => element.classList.toggle('now', element.dataset.k === key));
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

  /** Pictures of a row side by side, from a column on, and a line of text under each; without one where it was not made. */
  function film(title, row, first, texts, made, now) {
    const list = element('ol');
    texts.forEach((text, i) => {
      const entry = element('li', undefined, i === now ? 'now' : '');
      const frame = element('div', undefined, 'frame');
      if (made[i]) {
        const picture = element('div', undefined, 'p i' + current);
        picture.setAttribute('role', 'img');
        picture.setAttribute('aria-label', title + ', ' + text);
        picture.style.setProperty('--r', row);
        picture.style.setProperty('--c', first + i);
        frame.append(picture);
      }
      entry.append(frame, text);
      entry.title = text;
      list.append(entry);
    });
    return [element('h3', title), list];
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
  async function detail(i) {
    current = (i + cards.length) % cards.length;
    const wanted = current;
    await load(current);
    if (current !== wanted) return;
    const card = cards[current];
    const item = data.items[current];
    const n = +card.dataset.n;
    const now = shown(card);
    const ks = [...Array(n + 1).keys()];
    document.getElementById('detail-title').textContent =
        card.querySelector('h3').textContent + ' · ' + card.querySelector('.name').textContent;

    const films = element('div', undefined, 'film' + (card.classList.contains('pixels') ? ' pixels' : ''));
    films.tabIndex = 0;
    ['--w', '--h', '--n', '--scols', '--srows', '--sw', '--sh'].forEach(name => films.style.setProperty(name, card.style.getPropertyValue(name)));
    const series = item.rows.map((row, s) => ({ name: data.series[s], ...row })).filter(row => row.labels.length);
    if (!card.classList.contains('thumbs')) {
      series.forEach((row, s) => films.append(...film(row.name, s, 0, row.labels, row.made, now)));
      if (item.pictures) {
        films.append(...film('directions', item.original, 1, ks.slice(1, item.pictures + 1).map(k => 'i = ' + k), ks.slice(1), -1));
      }
      item.moved.forEach(row => films.append(...film('what this direction does: ' + row.name, row.row, 0,
          ks.slice(1, row.count + 1).map(k => 'i = ' + k), ks.slice(1), -1)));
    }
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
  change.addEventListener('change', () => root.classList.toggle('changes', change.checked));
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
