// When the sign-in ends, whatever is on the screen goes, and the sign-in page comes.
(() => {
  const leave = () => {
    document.documentElement.replaceChildren();
    const here = location.pathname + location.search;
    location.replace(`/login?ended=1&next=${encodeURIComponent(here)}`);
  };
  const ask = () =>
    fetch("/gate/watch.js", { cache: "no-store", redirect: "manual" })
      .then((answer) => (answer.status === 401 ? leave() : setTimeout(watch, 2000)))
      .catch(() => setTimeout(ask, 2000)); // the server is away: the app itself says so
  const watch = () => {
    const socket = new WebSocket(`${location.origin.replace(/^http/, "ws")}/gate/watch`);
    socket.onclose = ask;
  };
  addEventListener("pageshow", (shown) => shown.persisted && ask());
  watch();
})();
