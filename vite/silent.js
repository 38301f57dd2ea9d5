// The error of a script that cannot be loaded does not bubble.
addEventListener('error', ({ target }) => {
	if (!(target instanceof HTMLScriptElement) || !target.src.endsWith('/@vite/client')) return
	const note = document.createElement('p')
	note.id = 'kit-no-vite'
	note.style = 'font:1rem/1.5 system-ui;max-width:40rem;margin:4rem auto;padding:0 1rem'
	note.textContent = 'Vite is not running, or does not answer at ' + new URL('..', target.src).href +
		' — run: kit serve, which starts it with the application, or kit serve --frontend-only beside one that is started otherwise. Then load this page again.'
	document.body.prepend(note)
}, true)
