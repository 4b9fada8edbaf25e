// What this device keeps: one IndexedDB with one place for each name.

const NAME = 'nakhon';
const PLACE = 'kept';
let opened = null;

function open() {
  opened ??= new Promise((resolve, reject) => {
    const request = indexedDB.open(NAME, 1);
    request.onupgradeneeded = () => request.result.createObjectStore(PLACE);
    request.onsuccess = () => resolve(request.result);
    request.onerror = () => reject(request.error);
  });
  return opened;
}

async function transact(mode, work) {
  const database = await open();
  return new Promise((resolve, reject) => {
    const transaction = database.transaction(PLACE, mode);
    const request = work(transaction.objectStore(PLACE));
    transaction.oncomplete = () => resolve(request.result);
    transaction.onerror = () => reject(transaction.error);
    transaction.onabort = () => reject(transaction.error);
  });
}

export const kept = (name) => transact('readonly', (place) => place.get(name));
/** All that is kept under names that begin so. */
export const keptUnder = (beginning) => transact('readonly', (place) => place.getAll(IDBKeyRange.bound(beginning, `${beginning}\uffff`)));
export const keep = (name, value) => transact('readwrite', (place) => place.put(value, name));
export const forget = (name) => transact('readwrite', (place) => place.delete(name));
