/* A text as a picture to be pointed a phone at. The server draws it; the text travels in the body, as some are secret. */
import { html, useEffect, useSignal } from "./ui.js";

export function QrCode({ text, label }) {
  const source = useSignal("");
  useEffect(() => {
    let isWanted = true;
    let made = "";
    drawn(text).then((address) => {
      made = address;
      if (isWanted) source.value = address;
    });
    return () => {
      isWanted = false;
      URL.revokeObjectURL(made);
    };
  }, [text]);
  return source.value && html`<img class="qr" src=${source.value} alt=${label} />`;
}

async function drawn(text) {
  try {
    const response = await fetch("/qr.svg", { method: "POST", headers: { "Content-Type": "text/plain" }, body: text });
    return response.ok ? URL.createObjectURL(await response.blob()) : "";
  } catch (error) {
    return ""; // the address stands beside it in letters
  }
}
