// Notifications need two consents: the agent's, kept with the account, and this browser's. The switch shows both.

const WORDS = {
  granted: "Of your system, when the desk is not in front",
  default: "Not allowed in this browser yet: switch on to allow them here",
  denied: "This browser blocks them: allow them for this page in its settings, then switch on",
};

const asked = () => ("Notification" in window ? Notification.permission : "denied");

/** Whether this browser shows notifications of this page. */
export const mayNotify = () => asked() === "granted";

/** Show what holds in this browser; ask it for permission when, and only when, the switch is switched on. */
export function watchPermission() {
  const toggle = document.getElementById("notifications");
  const kept = document.getElementById("notifications-kept");
  const help = document.getElementById("notifications-help");

  let refused = false;
  const show = () => {
    toggle.checked = kept.checked && mayNotify();
    help.textContent = kept.checked || refused ? WORDS[asked()] : WORDS.granted;
  };

  toggle.addEventListener("change", async (event) => {
    event.stopPropagation(); // what is kept is told below, once the browser has answered
    const on = toggle.checked;
    if (on && asked() === "default") await Notification.requestPermission();
    refused = on && !mayNotify();
    if (!refused && kept.checked !== on) {
      kept.checked = on;
      kept.dispatchEvent(new Event("change", { bubbles: true }));
    }
    show();
  });
  navigator.permissions?.query({ name: "notifications" }).then((status) => (status.onchange = show), () => {});
  show();
}
