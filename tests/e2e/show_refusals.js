// Shows each of the city's refusals on the page's own screen, and tells which were not said in full.
// A test evaluates the function below with [where, language, cases]; a case is {told, words}.

async ([where, language, cases]) => {
  const city = window.fetch;
  let told = null;
  window.fetch = (path, options) => {
    const asked = where === 'quote' ? '/v1/redemptions/quote' : '/v1/redemptions';
    if (path !== asked) return city(path, options);
    return Promise.resolve(new Response(told, { status: where === 'quote' ? 200 : 422 }));
  };
  const main = document.querySelector('main');
  const said = async (words) => {
    for (let tries = 0; tries < 400; tries++) {
      const alert = [...main.querySelectorAll('[role=alert]')].at(-1);
      const onward = [...main.querySelectorAll('a.button, button.main')].some((it) => it.checkVisibility());
      if (alert?.querySelector('.icon') && words.every((each) => alert.innerText.includes(each)) && onward) return true;
      await new Promise((resolve) => setTimeout(resolve, 10));
    }
    return false;
  };
  const missing = [];
  for (const each of cases) {
    told = each.told;
    main.replaceChildren();
    window.dispatchEvent(new HashChangeEvent('hashchange'));
    if (where !== 'quote') {
      while (!main.querySelector('#typed')) await new Promise((resolve) => setTimeout(resolve, 10));
      main.querySelector('#typed').value = each.present;
      main.querySelector('form.typed').requestSubmit();
    }
    if (!await said(each.words)) missing.push([each.words, main.innerText]);
    else if (main.querySelector('#confirm')) missing.push(['may be confirmed all the same', each.words]);
  }
  window.fetch = city;
  return { missing, shown: cases.length, language };
};
