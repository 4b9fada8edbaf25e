// Runs in each measured page before its own programs: when its first control can be used, and how long
// after each action something was on the screen.
window.watched = { drawn: null, usable: null, answers: [] };

/** After the frame that shows what is there now. */
function painted() {
  return new Promise((done) => {
    requestAnimationFrame(() => {
      const after = new MessageChannel();
      after.port1.onmessage = () => done(performance.now());
      after.port2.postMessage(null);
    });
  });
}

let acted = null;
let what = '';
addEventListener('click', (event) => {
  acted ??= event.timeStamp;
  what = event.target.textContent.trim().slice(0, 30);
}, { capture: true, passive: true });

new MutationObserver(() => {
  const control = window.watchedControl && document.querySelector(`main ${window.watchedControl}`);
  if (window.watched.usable === null && control && !control.disabled) {
    window.watched.usable = 0;
    window.watched.drawn = performance.now();
    // Drawn, and nothing waits to run before a tap could be taken.
    painted().then(() => requestIdleCallback(() => { window.watched.usable = performance.now(); }));
  }
  if (acted !== null) {
    const [began, pressed] = [acted, what];
    acted = null;
    painted().then((shown) => window.watched.answers.push([pressed, shown - began]));
  }
}).observe(document, { childList: true, subtree: true, attributes: true, characterData: true });
