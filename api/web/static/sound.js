// The sound of a confirmation. Browsers let a page sound only after a tap: `readySound` takes one.

let sounding = null;

export function readySound() {
  sounding ??= new AudioContext();
  sounding.resume();
}

/** Two rising notes: taken. */
export function soundTaken() {
  sound([880, 1318], [80, 60, 160]);
}

/** One falling pair, softer to the ear than money: somebody asks for an answer. */
export function soundAsked() {
  sound([660, 495], [60]);
}

/** Says in the page how often it sounded, for those who test it. */
function sound(pitches, shaken) {
  readySound();
  const begin = sounding.currentTime;
  pitches.forEach((pitch, i) => {
    const note = sounding.createOscillator();
    const loud = sounding.createGain();
    note.frequency.value = pitch;
    loud.gain.setValueAtTime(0.25, begin + i * 0.16);
    loud.gain.exponentialRampToValueAtTime(0.001, begin + i * 0.16 + 0.35);
    note.connect(loud).connect(sounding.destination);
    note.start(begin + i * 0.16);
    note.stop(begin + i * 0.16 + 0.4);
  });
  navigator.vibrate?.(shaken);
  document.body.dataset.sounded = String(Number(document.body.dataset.sounded ?? 0) + 1);
}
