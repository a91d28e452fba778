// A site of two pages with a layout, a style sheet and an island, for tests of the service worker.

/** Its source. `word`: stands in every page, so that it is a release's. */
export const workerSource = (
  word: string,
): string => `(defisland ~counter () (let ((n (signal 0))) (button :type "button" :on-click (fn (e) (swap! n inc)) "n " (deref n))))
(defcomp ~layout (&key title) (<> (link :rel "stylesheet" :href "/site.css")
  (main (h1 title) (a :href "/" "Home") (a :href "/other" "Other") (~counter))))
(defpage home :path "/" :title "Home" :content (~layout :title "Home ${word}"))
(defpage other :path "/other" :title "Other" :content (~layout :title "Other ${word}"))`
