// What the page does by itself: copying, the colour theme, and loading again after the silo restarted. Everything else is Blazor's.
(() => {
  'use strict';
  const themes = ['', 'light', 'dark'];
  const root = document.documentElement;
  const themeKey = 'openledger-theme';

  const showTheme = theme => {
    if (theme) {
      root.dataset.theme = theme;
    } else {
      delete root.dataset.theme;
    }
  };

  const storedTheme = () => {
    try {
      const theme = localStorage.getItem(themeKey);
      return themes.includes(theme) ? theme : '';
    } catch {
      return '';
    }
  };

  showTheme(storedTheme());

  const copy = async button => {
    let done = true;
    try {
      await navigator.clipboard.writeText(button.dataset.copy);
    } catch {
      done = false;
    }
    button.dataset.copied = done ? 'copied' : 'not copied: select it in the tooltip';
    setTimeout(() => delete button.dataset.copied, 1500);
  };

  document.addEventListener('click', event => {
    const copied = event.target.closest('[data-copy]');
    if (copied) {
      copy(copied);
    }
    if (event.target.closest('[data-theme-toggle]')) {
      const next = themes[(themes.indexOf(root.dataset.theme ?? '') + 1) % themes.length];
      showTheme(next);
      try {
        localStorage.setItem(themeKey, next);
      } catch {
        // Without storage the choice holds for this page.
      }
    }
  });

  document.addEventListener('DOMContentLoaded', () => {
    const lost = document.getElementById('components-reconnect-modal');
    if (lost) {
      // A silo that restarted knows nothing of this page: a new one does.
      new MutationObserver(() => {
        if (lost.classList.contains('components-reconnect-rejected')) {
          location.reload();
        }
      }).observe(lost, { attributes: true, attributeFilter: ['class'] });
    }
  });
})();
