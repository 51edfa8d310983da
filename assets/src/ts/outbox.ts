// Requests that got no answer, with their photos, until the server has them. IndexedDB where it exists,
// memory otherwise (then only this page knows them).

export interface Letter {
  idem: string;
  account: string;
  url: string;
  /** The page that holds the form, to go back to when the server refuses. */
  page: string;
  at: number;
  fields: [string, string | File][];
}

const memory = new Map<string, Letter>();
let opened: Promise<IDBDatabase | null> | undefined;

function open(): Promise<IDBDatabase | null> {
  opened ??= new Promise((resolve) => {
    try {
      const request = indexedDB.open("gezhi", 1);
      request.onupgradeneeded = () => request.result.createObjectStore("outbox", { keyPath: "idem" });
      request.onsuccess = () => resolve(request.result);
      request.onerror = () => resolve(null);
      request.onblocked = () => resolve(null);
    } catch {
      resolve(null);
    }
  });
  return opened;
}

async function run<T>(mode: IDBTransactionMode, ask: (store: IDBObjectStore) => IDBRequest<T>): Promise<T | null> {
  const db = await open();
  if (!db) return null;
  return new Promise((resolve) => {
    try {
      const transaction = db.transaction("outbox", mode);
      const request = ask(transaction.objectStore("outbox"));
      transaction.oncomplete = () => resolve(request.result);
      transaction.onerror = transaction.onabort = () => resolve(null);
    } catch {
      resolve(null);
    }
  });
}

/** True when the letter will survive closing the page. */
export async function keepLetter(letter: Letter): Promise<boolean> {
  memory.set(letter.idem, letter);
  return (await run("readwrite", (store) => store.put(letter))) !== null;
}

export async function dropLetter(idem: string): Promise<void> {
  memory.delete(idem);
  await run("readwrite", (store) => store.delete(idem));
}

export async function findLetter(idem: string): Promise<Letter | null> {
  return memory.get(idem) ?? (await run<Letter>("readonly", (store) => store.get(idem))) ?? null;
}

export async function allLetters(): Promise<Letter[]> {
  const stored = (await run<Letter[]>("readonly", (store) => store.getAll())) ?? [];
  const ids = new Set(stored.map((letter) => letter.idem));
  return [...stored, ...Array.from(memory.values()).filter((letter) => !ids.has(letter.idem))];
}
