// The sound of a confirmation. Browsers let a page sound only after a tap: `readySound` takes one.

let sounding = null;

export function readySound() {
  sounding ??= new AudioContext();
  sounding.resume();
}

/** Two rising notes. Says in the page that it sounded, for those who test it. */
export function soundTaken() {
  readySound();
  const begin = sounding.currentTime;
  [880, 1318].forEach((pitch, i) => {
    const note = sounding.createOscillator();
    const loud = sounding.createGain();
    note.frequency.value = pitch;
    loud.gain.setValueAtTime(0.25, begin + i * 0.16);
    loud.gain.exponentialRampToValueAtTime(0.001, begin + i * 0.16 + 0.35);
    note.connect(loud).connect(sounding.destination);
    note.start(begin + i * 0.16);
    note.stop(begin + i * 0.16 + 0.4);
  });
  navigator.vibrate?.([80, 60, 160]);
  document.body.dataset.sounded = String(Number(document.body.dataset.sounded ?? 0) + 1);
}
