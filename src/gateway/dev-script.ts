// What `sx dev` adds to a page, as text: the gateway serves it inline and its policy names it by hash.

/**
 * Reloads when the newest root is not the one that the page came from (`data-root`), and asks the page's client to keep
 * what readers made of it (`data-sx-keep`, `sx:keep`); a failed build covers the page
 * with its errors until the next good one. Styles are set through CSSOM, which a page's `style-src` does not forbid;
 * the cover stands beside the body, which belongs to the page's own client.
 */
export const devScript = `(()=>{
"use strict";
const root=document.currentScript.dataset.root;
document.documentElement.dataset.sxKeep="";
let cover;
const make=(tag,css,text)=>{const e=document.createElement(tag);e.style.cssText=css;if(text!==undefined)e.textContent=text;return e};
const hide=()=>{if(cover){cover.remove();cover=undefined}};
const show=errors=>{
hide();
cover=make("div","position:fixed;inset:0;z-index:2147483647;overflow:auto;background:rgb(20 20 24 / .97);color:#f3f1ec;font:15px/1.55 ui-monospace,SFMono-Regular,Menlo,Consolas,monospace;padding:min(6vw,56px)");
cover.setAttribute("role","alertdialog");cover.setAttribute("aria-label","The build failed");cover.tabIndex=-1;
const box=make("div","max-width:880px;margin:0 auto");
box.append(make("p","font:600 13px system-ui,sans-serif;letter-spacing:.08em;text-transform:uppercase;color:#ff9db2;margin:0 0 20px",errors.length===1?"The build failed":"The build failed: "+errors.length+" errors"));
for(const error of errors.slice(0,20)){
box.append(make("h2","font:600 19px/1.35 system-ui,sans-serif;margin:26px 0 10px",error.message));
box.append(make("pre","margin:0;padding:16px 18px;background:#2a2a31;border-left:3px solid #ff6d8d;border-radius:6px;overflow-x:auto;font:inherit;white-space:pre",error.text));
}
box.append(make("p","font:14px system-ui,sans-serif;color:#a9a7b0;margin:28px 0 0","Save the file to build again. Escape shows the page below, as the last good build made it."));
cover.append(box);
document.documentElement.append(cover);cover.focus();
};
addEventListener("keydown",e=>{if(e.key==="Escape")hide()});
const source=new EventSource("/sx/dev/events");
source.onmessage=e=>{
const push=JSON.parse(e.data);
if(push.type==="failed")return show(push.errors);
if(push.root===root)return hide();
document.dispatchEvent(new Event("sx:keep"));
location.reload();
};
addEventListener("pagehide",()=>source.close());
})()`
