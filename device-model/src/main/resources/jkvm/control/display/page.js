// Shows the guest's screen: asks for what has changed again and again, and sends keys and pointer in their order.
'use strict';

const viewer = 'viewer=' + Math.floor(Math.random() * 1e9);
const canvas = document.getElementById('screen');
const context = canvas.getContext('2d');
const say = document.getElementById('say');

function draw(buffer) {
    const data = new DataView(buffer);
    const width = data.getUint16(0);
    const height = data.getUint16(2);
    if (width > 0 && (canvas.width !== width || canvas.height !== height)) {
        canvas.width = width;
        canvas.height = height;
    }
    let at = 6;
    for (let i = data.getUint16(4); i > 0; i--) {
        const [x, y, w, h] = [0, 2, 4, 6].map(offset => data.getUint16(at + offset));
        const pixels = new Uint8ClampedArray(buffer, at + 8, w * h * 4);
        context.putImageData(new ImageData(pixels, w, h), x, y);
        at += 8 + w * h * 4;
    }
}

async function show() {
    for (;;) {
        try {
            const answer = await fetch('screen?' + viewer);
            if (!answer.ok) {
                throw new Error(answer.status);
            }
            draw(await answer.arrayBuffer());
            say.textContent = '';
        } catch (e) {
            say.textContent = 'The machine does not answer.';
            await new Promise(resume => setTimeout(resume, 1000));
        }
    }
}

let waiting = [];
let isSending = false;

async function send(line) {
    // Of motions that wait the last one counts.
    if (line.startsWith('point') && waiting.length > 0 && waiting[waiting.length - 1].startsWith('point')) {
        waiting.pop();
    }
    waiting.push(line);
    if (isSending) {
        return;
    }
    isSending = true;
    while (waiting.length > 0) {
        const lines = waiting.join('\n');
        waiting = [];
        try {
            await fetch('input?' + viewer, {method: 'POST', body: lines});
        } catch (e) {
            say.textContent = 'The machine does not answer.';
        }
    }
    isSending = false;
}

const buttons = ['left', 'middle', 'right', 'side', 'extra'];

function place(event) {
    const box = canvas.getBoundingClientRect();
    const x = Math.floor((event.clientX - box.left) * canvas.width / box.width);
    const y = Math.floor((event.clientY - box.top) * canvas.height / box.height);
    return x + ' ' + y;
}

function on(name, line) {
    canvas.addEventListener(name, event => {
        event.preventDefault();
        send(line(event));
    });
}

on('keydown', event => 'key ' + event.code + ' 1');
on('keyup', event => 'key ' + event.code + ' 0');
on('mousemove', event => 'point ' + place(event));
on('mouseup', event => 'button ' + buttons[event.button] + ' 0');
on('wheel', event => 'wheel ' + Math.sign(event.deltaY));
canvas.addEventListener('mousedown', event => {
    event.preventDefault();
    canvas.focus();
    send('point ' + place(event));
    send('button ' + buttons[event.button] + ' 1');
});
canvas.addEventListener('contextmenu', event => event.preventDefault());
canvas.addEventListener('blur', () => send('release'));
window.addEventListener('blur', () => send('release'));

for (const button of document.querySelectorAll('button[data-line]')) {
    button.addEventListener('click', () => {
        if (!button.dataset.ask || window.confirm(button.dataset.ask)) {
            send(button.dataset.line);
        }
        canvas.focus();
    });
}
document.getElementById('full').addEventListener('click', () => canvas.requestFullscreen());

canvas.focus();
show();
