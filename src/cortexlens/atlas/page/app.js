/* cortexlens page, sources b4af6903ce9d33f01e38d35ec9166aa616ccf499cc335e6e27f07d6c54e2e302; licences in LICENCES.txt */
"use strict";(()=>{var ci={LEFT:0,MIDDLE:1,RIGHT:2,ROTATE:0,DOLLY:1,PAN:2},li={ROTATE:0,PAN:1,DOLLY_PAN:2,DOLLY_ROTATE:3},vd=0,oc=1,Md=2;var Xs=1,Sd=2,as=3,di=0,Ut=1,yn=2,vi=0,rs=1,cc=2,lc=3,dc=4,wd=5;var Mi=100,Ed=101,Td=102,Ad=103,Cd=104,Rd=200,Pd=201,Id=202,Ld=203,fc=204,hc=205,Nd=206,Dd=207,Ud=208,Od=209,Fd=210,Bd=211,zd=212,kd=213,Vd=214,Ua=0,Oa=1,Fa=2,Wi=3,Ba=4,za=5,ka=6,Va=7,pr=0,Gd=1,Hd=2,vn=0,uc=1,pc=2,mc=3,bc=4,gc=5,_c=6,xc=7;var yc=300,Si=301,os=302,mr=303,br=304,Ga=1e3,gn=1001,Ha=1002,wt=1003,Wd=1004;var qs=1005;var Dt=1006,gr=1007;var Fn=1008;var Vt=1009,vc=1010,Mc=1011,cs=1012,_r=1013,dn=1014,fn=1015,hn=1016,xr=1017,yr=1018,wi=1020,Sc=35902,wc=35899,Ec=1021,Tc=1022,un=1023,Nn=1026,Bn=1027,Ac=1028,vr=1029,fi=1030,Mr=1031;var Sr=1033,Ys=33776,$s=33777,Zs=33778,Js=33779,wr=35840,Er=35841,Tr=35842,Ar=35843,Cr=36196,Rr=37492,Pr=37496,Ir=37488,Lr=37489,Ks=37490,Nr=37491,Dr=37808,Ur=37809,Or=37810,Fr=37811,Br=37812,zr=37813,kr=37814,Vr=37815,Gr=37816,Hr=37817,Wr=37818,Xr=37819,qr=37820,Yr=37821,$r=36492,Zr=36494,Jr=36495,Kr=36283,jr=36284,js=36285,Qr=36286;var Ts=2300,Wa=2301,Na=2302,jo=2303,Qo=2400,ec=2401,tc=2402;var Xd=3200;var eo=0,qd=1,zn="",Xt="srgb",yi="srgb-linear",As="linear",Ze="srgb";var Da=7680;var Yd=519,$d=512,Zd=513,Jd=514,Cc=515,Kd=516,jd=517,Rc=518,Pc=519,Qd=35044;var Ic="300 es",sn=2e3,Xi=2001;function Fh(i){for(let e=i.length-1;e>=0;--e)if(i[e]>=65535)return!0;return!1}function Bh(i){return ArrayBuffer.isView(i)&&!(i instanceof DataView)}function Cs(i){return document.createElementNS("http://www.w3.org/1999/xhtml",i)}function ef(){let i=Cs("canvas");return i.style.display="block",i}var Hl={},qi=null;function Lc(...i){let e="THREE."+i.shift();qi?qi("log",e,...i):console.log(e,...i)}function tf(i){let e=i[0];if(typeof e=="string"&&e.startsWith("TSL:")){let t=i[1];t&&t.isStackTrace?i[0]+=" "+t.getLocation():i[1]='Stack trace not available. Enable "THREE.Node.captureStackTrace" to capture stack traces.'}return i}function Te(...i){i=tf(i);let e="THREE."+i.shift();if(qi)qi("warn",e,...i);else{let t=i[0];t&&t.isStackTrace?console.warn(t.getError(e)):console.warn(e,...i)}}function Ie(...i){i=tf(i);let e="THREE."+i.shift();if(qi)qi("error",e,...i);else{let t=i[0];t&&t.isStackTrace?console.error(t.getError(e)):console.error(e,...i)}}function Ss(...i){let e=i.join(" ");e in Hl||(Hl[e]=!0,Te(...i))}function nf(i,e,t){return new Promise(function(n,s){function a(){switch(i.clientWaitSync(e,i.SYNC_FLUSH_COMMANDS_BIT,0)){case i.WAIT_FAILED:s();break;case i.TIMEOUT_EXPIRED:setTimeout(a,t);break;default:n()}}setTimeout(a,t)})}var sf={[Ua]:Ua,[Fa]:ka,[Ba]:Ba,[Wi]:za,[Oa]:Oa,[ka]:Fa,[Va]:Va,[za]:Wi},ln=class{addEventListener(e,t){this._listeners===void 0&&(this._listeners={});let n=this._listeners;n[e]===void 0&&(n[e]=[]),n[e].indexOf(t)===-1&&n[e].push(t)}hasEventListener(e,t){let n=this._listeners;return n===void 0?!1:n[e]!==void 0&&n[e].indexOf(t)!==-1}removeEventListener(e,t){let n=this._listeners;if(n===void 0)return;let s=n[e];if(s!==void 0){let a=s.indexOf(t);a!==-1&&s.splice(a,1)}}dispatchEvent(e){let t=this._listeners;if(t===void 0)return;let n=t[e.type];if(n!==void 0){e.target=this;let s=n.slice(0);for(let a=0,r=s.length;a<r;a++)s[a].call(this,e);e.target=null}}},Pt=["00","01","02","03","04","05","06","07","08","09","0a","0b","0c","0d","0e","0f","10","11","12","13","14","15","16","17","18","19","1a","1b","1c","1d","1e","1f","20","21","22","23","24","25","26","27","28","29","2a","2b","2c","2d","2e","2f","30","31","32","33","34","35","36","37","38","39","3a","3b","3c","3d","3e","3f","40","41","42","43","44","45","46","47","48","49","4a","4b","4c","4d","4e","4f","50","51","52","53","54","55","56","57","58","59","5a","5b","5c","5d","5e","5f","60","61","62","63","64","65","66","67","68","69","6a","6b","6c","6d","6e","6f","70","71","72","73","74","75","76","77","78","79","7a","7b","7c","7d","7e","7f","80","81","82","83","84","85","86","87","88","89","8a","8b","8c","8d","8e","8f","90","91","92","93","94","95","96","97","98","99","9a","9b","9c","9d","9e","9f","a0","a1","a2","a3","a4","a5","a6","a7","a8","a9","aa","ab","ac","ad","ae","af","b0","b1","b2","b3","b4","b5","b6","b7","b8","b9","ba","bb","bc","bd","be","bf","c0","c1","c2","c3","c4","c5","c6","c7","c8","c9","ca","cb","cc","cd","ce","cf","d0","d1","d2","d3","d4","d5","d6","d7","d8","d9","da","db","dc","dd","de","df","e0","e1","e2","e3","e4","e5","e6","e7","e8","e9","ea","eb","ec","ed","ee","ef","f0","f1","f2","f3","f4","f5","f6","f7","f8","f9","fa","fb","fc","fd","fe","ff"],Wl=1234567,ws=Math.PI/180,Yi=180/Math.PI;function ls(){let i=Math.random()*4294967295|0,e=Math.random()*4294967295|0,t=Math.random()*4294967295|0,n=Math.random()*4294967295|0;return(Pt[i&255]+Pt[i>>8&255]+Pt[i>>16&255]+Pt[i>>24&255]+"-"+Pt[e&255]+Pt[e>>8&255]+"-"+Pt[e>>16&15|64]+Pt[e>>24&255]+"-"+Pt[t&63|128]+Pt[t>>8&255]+"-"+Pt[t>>16&255]+Pt[t>>24&255]+Pt[n&255]+Pt[n>>8&255]+Pt[n>>16&255]+Pt[n>>24&255]).toLowerCase()}function Ve(i,e,t){return Math.max(e,Math.min(t,i))}function Nc(i,e){return(i%e+e)%e}function zh(i,e,t,n,s){return n+(i-e)*(s-n)/(t-e)}function kh(i,e,t){return i!==e?(t-i)/(e-i):0}function Es(i,e,t){return(1-t)*i+t*e}function Vh(i,e,t,n){return Es(i,e,1-Math.exp(-t*n))}function Gh(i,e=1){return e-Math.abs(Nc(i,e*2)-e)}function Hh(i,e,t){return i<=e?0:i>=t?1:(i=(i-e)/(t-e),i*i*(3-2*i))}function Wh(i,e,t){return i<=e?0:i>=t?1:(i=(i-e)/(t-e),i*i*i*(i*(i*6-15)+10))}function Xh(i,e){return i+Math.floor(Math.random()*(e-i+1))}function qh(i,e){return i+Math.random()*(e-i)}function Yh(i){return i*(.5-Math.random())}function $h(i){i!==void 0&&(Wl=i);let e=Wl+=1831565813;return e=Math.imul(e^e>>>15,e|1),e^=e+Math.imul(e^e>>>7,e|61),((e^e>>>14)>>>0)/4294967296}function Zh(i){return i*ws}function Jh(i){return i*Yi}function Kh(i){return i>0&&Number.isInteger(i)&&2**Math.round(Math.log2(i))===i}function jh(i){return Math.pow(2,Math.ceil(Math.log(i)/Math.LN2))}function Dc(i){return Math.pow(2,Math.floor(Math.log(i)/Math.LN2))}function Qh(i,e,t,n,s){let a=Math.cos,r=Math.sin,o=a(t/2),c=r(t/2),l=a((e+n)/2),d=r((e+n)/2),h=a((e-n)/2),f=r((e-n)/2),u=a((n-e)/2),b=r((n-e)/2);switch(s){case"XYX":i.set(o*d,c*h,c*f,o*l);break;case"YZY":i.set(c*f,o*d,c*h,o*l);break;case"ZXZ":i.set(c*h,c*f,o*d,o*l);break;case"XZX":i.set(o*d,c*b,c*u,o*l);break;case"YXY":i.set(c*u,o*d,c*b,o*l);break;case"ZYZ":i.set(c*b,c*u,o*d,o*l);break;default:Te("MathUtils: .setQuaternionFromProperEuler() encountered an unknown order: "+s)}}function Uc(i){switch(i.constructor){case Uint32Array:return 4294967295;case Uint16Array:return 65535;case Uint8Array:case Uint8ClampedArray:return 255;case Int32Array:return 2147483647;case Int16Array:return 32767;case Int8Array:return 127;default:return}}function af(i,e){if(e.constructor===Float32Array)return i;let t=Uc(e);if(t===void 0)throw new Error("THREE.MathUtils: Invalid component type.");return Math.max(i/t,-1)}function rf(i,e){if(e.constructor===Float32Array)return i;let t=Uc(e);if(t===void 0)throw new Error("THREE.MathUtils: Invalid component type.");return Math.round(i*t)}var Oc={DEG2RAD:ws,RAD2DEG:Yi,generateUUID:ls,clamp:Ve,euclideanModulo:Nc,mapLinear:zh,inverseLerp:kh,lerp:Es,damp:Vh,pingpong:Gh,smoothstep:Hh,smootherstep:Wh,randInt:Xh,randFloat:qh,randFloatSpread:Yh,seededRandom:$h,degToRad:Zh,radToDeg:Jh,isPowerOfTwo:Kh,ceilPowerOfTwo:jh,floorPowerOfTwo:Dc,setQuaternionFromProperEuler:Qh,normalize:rf,denormalize:af},Re=class{static{this.prototype.isVector2=!0}constructor(e=0,t=0){this.x=e,this.y=t}get width(){return this.x}set width(e){this.x=e}get height(){return this.y}set height(e){this.y=e}set(e,t){return this.x=e,this.y=t,this}setScalar(e){return this.x=e,this.y=e,this}setX(e){return this.x=e,this}setY(e){return this.y=e,this}setComponent(e,t){switch(e){case 0:this.x=t;break;case 1:this.y=t;break;default:throw new Error("THREE.Vector2: index is out of range: "+e)}return this}getComponent(e){switch(e){case 0:return this.x;case 1:return this.y;default:throw new Error("THREE.Vector2: index is out of range: "+e)}}clone(){return new this.constructor(this.x,this.y)}copy(e){return this.x=e.x,this.y=e.y,this}add(e){return this.x+=e.x,this.y+=e.y,this}addScalar(e){return this.x+=e,this.y+=e,this}addVectors(e,t){return this.x=e.x+t.x,this.y=e.y+t.y,this}addScaledVector(e,t){return this.x+=e.x*t,this.y+=e.y*t,this}sub(e){return this.x-=e.x,this.y-=e.y,this}subScalar(e){return this.x-=e,this.y-=e,this}subVectors(e,t){return this.x=e.x-t.x,this.y=e.y-t.y,this}multiply(e){return this.x*=e.x,this.y*=e.y,this}multiplyScalar(e){return this.x*=e,this.y*=e,this}divide(e){return this.x/=e.x,this.y/=e.y,this}divideScalar(e){return this.multiplyScalar(1/e)}applyMatrix3(e){let t=this.x,n=this.y,s=e.elements;return this.x=s[0]*t+s[3]*n+s[6],this.y=s[1]*t+s[4]*n+s[7],this}min(e){return this.x=Math.min(this.x,e.x),this.y=Math.min(this.y,e.y),this}max(e){return this.x=Math.max(this.x,e.x),this.y=Math.max(this.y,e.y),this}clamp(e,t){return this.x=Ve(this.x,e.x,t.x),this.y=Ve(this.y,e.y,t.y),this}clampScalar(e,t){return this.x=Ve(this.x,e,t),this.y=Ve(this.y,e,t),this}clampLength(e,t){let n=this.length();return this.divideScalar(n||1).multiplyScalar(Ve(n,e,t))}floor(){return this.x=Math.floor(this.x),this.y=Math.floor(this.y),this}ceil(){return this.x=Math.ceil(this.x),this.y=Math.ceil(this.y),this}round(){return this.x=Math.round(this.x),this.y=Math.round(this.y),this}roundToZero(){return this.x=Math.trunc(this.x),this.y=Math.trunc(this.y),this}negate(){return this.x=-this.x,this.y=-this.y,this}dot(e){return this.x*e.x+this.y*e.y}cross(e){return this.x*e.y-this.y*e.x}lengthSq(){return this.x*this.x+this.y*this.y}length(){return Math.sqrt(this.x*this.x+this.y*this.y)}manhattanLength(){return Math.abs(this.x)+Math.abs(this.y)}normalize(){return this.divideScalar(this.length()||1)}angle(){return Math.atan2(-this.y,-this.x)+Math.PI}angleTo(e){let t=Math.sqrt(this.lengthSq()*e.lengthSq());if(t===0)return Math.PI/2;let n=this.dot(e)/t;return Math.acos(Ve(n,-1,1))}distanceTo(e){return Math.sqrt(this.distanceToSquared(e))}distanceToSquared(e){let t=this.x-e.x,n=this.y-e.y;return t*t+n*n}manhattanDistanceTo(e){return Math.abs(this.x-e.x)+Math.abs(this.y-e.y)}setLength(e){return this.normalize().multiplyScalar(e)}lerp(e,t){return this.x+=(e.x-this.x)*t,this.y+=(e.y-this.y)*t,this}lerpVectors(e,t,n){return this.x=e.x+(t.x-e.x)*n,this.y=e.y+(t.y-e.y)*n,this}equals(e){return e.x===this.x&&e.y===this.y}fromArray(e,t=0){return this.x=e[t],this.y=e[t+1],this}toArray(e=[],t=0){return e[t]=this.x,e[t+1]=this.y,e}fromBufferAttribute(e,t){return this.x=e.getX(t),this.y=e.getY(t),this}rotateAround(e,t){let n=Math.cos(t),s=Math.sin(t),a=this.x-e.x,r=this.y-e.y;return this.x=a*n-r*s+e.x,this.y=a*s+r*n+e.y,this}random(){return this.x=Math.random(),this.y=Math.random(),this}*[Symbol.iterator](){yield this.x,yield this.y}},$t=class{constructor(e=0,t=0,n=0,s=1){this.isQuaternion=!0,this._x=e,this._y=t,this._z=n,this._w=s}static slerpFlat(e,t,n,s,a,r,o){let c=n[s+0],l=n[s+1],d=n[s+2],h=n[s+3],f=a[r+0],u=a[r+1],b=a[r+2],y=a[r+3];if(h!==y||c!==f||l!==u||d!==b){let p=c*f+l*u+d*b+h*y;p<0&&(f=-f,u=-u,b=-b,y=-y,p=-p);let m=1-o;if(p<.9995){let v=Math.acos(p),E=Math.sin(v);m=Math.sin(m*v)/E,o=Math.sin(o*v)/E,c=c*m+f*o,l=l*m+u*o,d=d*m+b*o,h=h*m+y*o}else{c=c*m+f*o,l=l*m+u*o,d=d*m+b*o,h=h*m+y*o;let v=1/Math.sqrt(c*c+l*l+d*d+h*h);c*=v,l*=v,d*=v,h*=v}}e[t]=c,e[t+1]=l,e[t+2]=d,e[t+3]=h}static multiplyQuaternionsFlat(e,t,n,s,a,r){let o=n[s],c=n[s+1],l=n[s+2],d=n[s+3],h=a[r],f=a[r+1],u=a[r+2],b=a[r+3];return e[t]=o*b+d*h+c*u-l*f,e[t+1]=c*b+d*f+l*h-o*u,e[t+2]=l*b+d*u+o*f-c*h,e[t+3]=d*b-o*h-c*f-l*u,e}get x(){return this._x}set x(e){this._x=e,this._onChangeCallback()}get y(){return this._y}set y(e){this._y=e,this._onChangeCallback()}get z(){return this._z}set z(e){this._z=e,this._onChangeCallback()}get w(){return this._w}set w(e){this._w=e,this._onChangeCallback()}set(e,t,n,s){return this._x=e,this._y=t,this._z=n,this._w=s,this._onChangeCallback(),this}clone(){return new this.constructor(this._x,this._y,this._z,this._w)}copy(e){return this._x=e.x,this._y=e.y,this._z=e.z,this._w=e.w,this._onChangeCallback(),this}setFromEuler(e,t=!0){let n=e._x,s=e._y,a=e._z,r=e._order,o=Math.cos,c=Math.sin,l=o(n/2),d=o(s/2),h=o(a/2),f=c(n/2),u=c(s/2),b=c(a/2);switch(r){case"XYZ":this._x=f*d*h+l*u*b,this._y=l*u*h-f*d*b,this._z=l*d*b+f*u*h,this._w=l*d*h-f*u*b;break;case"YXZ":this._x=f*d*h+l*u*b,this._y=l*u*h-f*d*b,this._z=l*d*b-f*u*h,this._w=l*d*h+f*u*b;break;case"ZXY":this._x=f*d*h-l*u*b,this._y=l*u*h+f*d*b,this._z=l*d*b+f*u*h,this._w=l*d*h-f*u*b;break;case"ZYX":this._x=f*d*h-l*u*b,this._y=l*u*h+f*d*b,this._z=l*d*b-f*u*h,this._w=l*d*h+f*u*b;break;case"YZX":this._x=f*d*h+l*u*b,this._y=l*u*h+f*d*b,this._z=l*d*b-f*u*h,this._w=l*d*h-f*u*b;break;case"XZY":this._x=f*d*h-l*u*b,this._y=l*u*h-f*d*b,this._z=l*d*b+f*u*h,this._w=l*d*h+f*u*b;break;default:Te("Quaternion: .setFromEuler() encountered an unknown order: "+r)}return t===!0&&this._onChangeCallback(),this}setFromAxisAngle(e,t){let n=t/2,s=Math.sin(n);return this._x=e.x*s,this._y=e.y*s,this._z=e.z*s,this._w=Math.cos(n),this._onChangeCallback(),this}setFromRotationMatrix(e){let t=e.elements,n=t[0],s=t[4],a=t[8],r=t[1],o=t[5],c=t[9],l=t[2],d=t[6],h=t[10],f=n+o+h;if(f>0){let u=.5/Math.sqrt(f+1);this._w=.25/u,this._x=(d-c)*u,this._y=(a-l)*u,this._z=(r-s)*u}else if(n>o&&n>h){let u=2*Math.sqrt(1+n-o-h);this._w=(d-c)/u,this._x=.25*u,this._y=(s+r)/u,this._z=(a+l)/u}else if(o>h){let u=2*Math.sqrt(1+o-n-h);this._w=(a-l)/u,this._x=(s+r)/u,this._y=.25*u,this._z=(c+d)/u}else{let u=2*Math.sqrt(1+h-n-o);this._w=(r-s)/u,this._x=(a+l)/u,this._y=(c+d)/u,this._z=.25*u}return this._onChangeCallback(),this}setFromUnitVectors(e,t){let n=e.dot(t)+1;return n<1e-8?(n=0,Math.abs(e.x)>Math.abs(e.z)?(this._x=-e.y,this._y=e.x,this._z=0,this._w=n):(this._x=0,this._y=-e.z,this._z=e.y,this._w=n)):(this._x=e.y*t.z-e.z*t.y,this._y=e.z*t.x-e.x*t.z,this._z=e.x*t.y-e.y*t.x,this._w=n),this.normalize()}angleTo(e){return 2*Math.acos(Math.abs(Ve(this.dot(e),-1,1)))}rotateTowards(e,t){let n=this.angleTo(e);if(n===0)return this;let s=Math.min(1,t/n);return this.slerp(e,s),this}identity(){return this.set(0,0,0,1)}invert(){return this.conjugate()}conjugate(){return this._x*=-1,this._y*=-1,this._z*=-1,this._onChangeCallback(),this}dot(e){return this._x*e._x+this._y*e._y+this._z*e._z+this._w*e._w}lengthSq(){return this._x*this._x+this._y*this._y+this._z*this._z+this._w*this._w}length(){return Math.sqrt(this._x*this._x+this._y*this._y+this._z*this._z+this._w*this._w)}normalize(){let e=this.length();return e===0?(this._x=0,this._y=0,this._z=0,this._w=1):(e=1/e,this._x=this._x*e,this._y=this._y*e,this._z=this._z*e,this._w=this._w*e),this._onChangeCallback(),this}multiply(e){return this.multiplyQuaternions(this,e)}premultiply(e){return this.multiplyQuaternions(e,this)}multiplyQuaternions(e,t){let n=e._x,s=e._y,a=e._z,r=e._w,o=t._x,c=t._y,l=t._z,d=t._w;return this._x=n*d+r*o+s*l-a*c,this._y=s*d+r*c+a*o-n*l,this._z=a*d+r*l+n*c-s*o,this._w=r*d-n*o-s*c-a*l,this._onChangeCallback(),this}slerp(e,t){let n=e._x,s=e._y,a=e._z,r=e._w,o=this.dot(e);o<0&&(n=-n,s=-s,a=-a,r=-r,o=-o);let c=1-t;if(o<.9995){let l=Math.acos(o),d=Math.sin(l);c=Math.sin(c*l)/d,t=Math.sin(t*l)/d,this._x=this._x*c+n*t,this._y=this._y*c+s*t,this._z=this._z*c+a*t,this._w=this._w*c+r*t,this._onChangeCallback()}else this._x=this._x*c+n*t,this._y=this._y*c+s*t,this._z=this._z*c+a*t,this._w=this._w*c+r*t,this.normalize();return this}slerpQuaternions(e,t,n){return this.copy(e).slerp(t,n)}random(){let e=2*Math.PI*Math.random(),t=2*Math.PI*Math.random(),n=Math.random(),s=Math.sqrt(1-n),a=Math.sqrt(n);return this.set(s*Math.sin(e),s*Math.cos(e),a*Math.sin(t),a*Math.cos(t))}equals(e){return e._x===this._x&&e._y===this._y&&e._z===this._z&&e._w===this._w}fromArray(e,t=0){return this._x=e[t],this._y=e[t+1],this._z=e[t+2],this._w=e[t+3],this._onChangeCallback(),this}toArray(e=[],t=0){return e[t]=this._x,e[t+1]=this._y,e[t+2]=this._z,e[t+3]=this._w,e}fromBufferAttribute(e,t){return this._x=e.getX(t),this._y=e.getY(t),this._z=e.getZ(t),this._w=e.getW(t),this._onChangeCallback(),this}toJSON(){return this.toArray()}_onChange(e){return this._onChangeCallback=e,this}_onChangeCallback(){}*[Symbol.iterator](){yield this._x,yield this._y,yield this._z,yield this._w}},D=class{static{this.prototype.isVector3=!0}constructor(e=0,t=0,n=0){this.x=e,this.y=t,this.z=n}set(e,t,n){return n===void 0&&(n=this.z),this.x=e,this.y=t,this.z=n,this}setScalar(e){return this.x=e,this.y=e,this.z=e,this}setX(e){return this.x=e,this}setY(e){return this.y=e,this}setZ(e){return this.z=e,this}setComponent(e,t){switch(e){case 0:this.x=t;break;case 1:this.y=t;break;case 2:this.z=t;break;default:throw new Error("THREE.Vector3: index is out of range: "+e)}return this}getComponent(e){switch(e){case 0:return this.x;case 1:return this.y;case 2:return this.z;default:throw new Error("THREE.Vector3: index is out of range: "+e)}}clone(){return new this.constructor(this.x,this.y,this.z)}copy(e){return this.x=e.x,this.y=e.y,this.z=e.z,this}add(e){return this.x+=e.x,this.y+=e.y,this.z+=e.z,this}addScalar(e){return this.x+=e,this.y+=e,this.z+=e,this}addVectors(e,t){return this.x=e.x+t.x,this.y=e.y+t.y,this.z=e.z+t.z,this}addScaledVector(e,t){return this.x+=e.x*t,this.y+=e.y*t,this.z+=e.z*t,this}sub(e){return this.x-=e.x,this.y-=e.y,this.z-=e.z,this}subScalar(e){return this.x-=e,this.y-=e,this.z-=e,this}subVectors(e,t){return this.x=e.x-t.x,this.y=e.y-t.y,this.z=e.z-t.z,this}multiply(e){return this.x*=e.x,this.y*=e.y,this.z*=e.z,this}multiplyScalar(e){return this.x*=e,this.y*=e,this.z*=e,this}multiplyVectors(e,t){return this.x=e.x*t.x,this.y=e.y*t.y,this.z=e.z*t.z,this}applyEuler(e){return this.applyQuaternion(Xl.setFromEuler(e))}applyAxisAngle(e,t){return this.applyQuaternion(Xl.setFromAxisAngle(e,t))}applyMatrix3(e){let t=this.x,n=this.y,s=this.z,a=e.elements;return this.x=a[0]*t+a[3]*n+a[6]*s,this.y=a[1]*t+a[4]*n+a[7]*s,this.z=a[2]*t+a[5]*n+a[8]*s,this}applyNormalMatrix(e){return this.applyMatrix3(e).normalize()}applyMatrix4(e){let t=this.x,n=this.y,s=this.z,a=e.elements,r=1/(a[3]*t+a[7]*n+a[11]*s+a[15]);return this.x=(a[0]*t+a[4]*n+a[8]*s+a[12])*r,this.y=(a[1]*t+a[5]*n+a[9]*s+a[13])*r,this.z=(a[2]*t+a[6]*n+a[10]*s+a[14])*r,this}applyQuaternion(e){let t=this.x,n=this.y,s=this.z,a=e.x,r=e.y,o=e.z,c=e.w,l=2*(r*s-o*n),d=2*(o*t-a*s),h=2*(a*n-r*t);return this.x=t+c*l+r*h-o*d,this.y=n+c*d+o*l-a*h,this.z=s+c*h+a*d-r*l,this}project(e){return this.applyMatrix4(e.matrixWorldInverse).applyMatrix4(e.projectionMatrix)}unproject(e){return this.applyMatrix4(e.projectionMatrixInverse).applyMatrix4(e.matrixWorld)}transformDirection(e){let t=this.x,n=this.y,s=this.z,a=e.elements;return this.x=a[0]*t+a[4]*n+a[8]*s,this.y=a[1]*t+a[5]*n+a[9]*s,this.z=a[2]*t+a[6]*n+a[10]*s,this.normalize()}divide(e){return this.x/=e.x,this.y/=e.y,this.z/=e.z,this}divideScalar(e){return this.multiplyScalar(1/e)}min(e){return this.x=Math.min(this.x,e.x),this.y=Math.min(this.y,e.y),this.z=Math.min(this.z,e.z),this}max(e){return this.x=Math.max(this.x,e.x),this.y=Math.max(this.y,e.y),this.z=Math.max(this.z,e.z),this}clamp(e,t){return this.x=Ve(this.x,e.x,t.x),this.y=Ve(this.y,e.y,t.y),this.z=Ve(this.z,e.z,t.z),this}clampScalar(e,t){return this.x=Ve(this.x,e,t),this.y=Ve(this.y,e,t),this.z=Ve(this.z,e,t),this}clampLength(e,t){let n=this.length();return this.divideScalar(n||1).multiplyScalar(Ve(n,e,t))}floor(){return this.x=Math.floor(this.x),this.y=Math.floor(this.y),this.z=Math.floor(this.z),this}ceil(){return this.x=Math.ceil(this.x),this.y=Math.ceil(this.y),this.z=Math.ceil(this.z),this}round(){return this.x=Math.round(this.x),this.y=Math.round(this.y),this.z=Math.round(this.z),this}roundToZero(){return this.x=Math.trunc(this.x),this.y=Math.trunc(this.y),this.z=Math.trunc(this.z),this}negate(){return this.x=-this.x,this.y=-this.y,this.z=-this.z,this}dot(e){return this.x*e.x+this.y*e.y+this.z*e.z}lengthSq(){return this.x*this.x+this.y*this.y+this.z*this.z}length(){return Math.sqrt(this.x*this.x+this.y*this.y+this.z*this.z)}manhattanLength(){return Math.abs(this.x)+Math.abs(this.y)+Math.abs(this.z)}normalize(){return this.divideScalar(this.length()||1)}setLength(e){return this.normalize().multiplyScalar(e)}lerp(e,t){return this.x+=(e.x-this.x)*t,this.y+=(e.y-this.y)*t,this.z+=(e.z-this.z)*t,this}lerpVectors(e,t,n){return this.x=e.x+(t.x-e.x)*n,this.y=e.y+(t.y-e.y)*n,this.z=e.z+(t.z-e.z)*n,this}cross(e){return this.crossVectors(this,e)}crossVectors(e,t){let n=e.x,s=e.y,a=e.z,r=t.x,o=t.y,c=t.z;return this.x=s*c-a*o,this.y=a*r-n*c,this.z=n*o-s*r,this}projectOnVector(e){let t=e.lengthSq();if(t===0)return this.set(0,0,0);let n=e.dot(this)/t;return this.copy(e).multiplyScalar(n)}projectOnPlane(e){return Io.copy(this).projectOnVector(e),this.sub(Io)}reflect(e){return this.sub(Io.copy(e).multiplyScalar(2*this.dot(e)))}angleTo(e){let t=Math.sqrt(this.lengthSq()*e.lengthSq());if(t===0)return Math.PI/2;let n=this.dot(e)/t;return Math.acos(Ve(n,-1,1))}distanceTo(e){return Math.sqrt(this.distanceToSquared(e))}distanceToSquared(e){let t=this.x-e.x,n=this.y-e.y,s=this.z-e.z;return t*t+n*n+s*s}manhattanDistanceTo(e){return Math.abs(this.x-e.x)+Math.abs(this.y-e.y)+Math.abs(this.z-e.z)}setFromSpherical(e){return this.setFromSphericalCoords(e.radius,e.phi,e.theta)}setFromSphericalCoords(e,t,n){let s=Math.sin(t)*e;return this.x=s*Math.sin(n),this.y=Math.cos(t)*e,this.z=s*Math.cos(n),this}setFromCylindrical(e){return this.setFromCylindricalCoords(e.radius,e.theta,e.y)}setFromCylindricalCoords(e,t,n){return this.x=e*Math.sin(t),this.y=n,this.z=e*Math.cos(t),this}setFromMatrixPosition(e){let t=e.elements;return this.x=t[12],this.y=t[13],this.z=t[14],this}setFromMatrixScale(e){let t=this.setFromMatrixColumn(e,0).length(),n=this.setFromMatrixColumn(e,1).length(),s=this.setFromMatrixColumn(e,2).length();return this.x=t,this.y=n,this.z=s,this}setFromMatrixColumn(e,t){return this.fromArray(e.elements,t*4)}setFromMatrix3Column(e,t){return this.fromArray(e.elements,t*3)}setFromEuler(e){return this.x=e._x,this.y=e._y,this.z=e._z,this}setFromColor(e){return this.x=e.r,this.y=e.g,this.z=e.b,this}equals(e){return e.x===this.x&&e.y===this.y&&e.z===this.z}fromArray(e,t=0){return this.x=e[t],this.y=e[t+1],this.z=e[t+2],this}toArray(e=[],t=0){return e[t]=this.x,e[t+1]=this.y,e[t+2]=this.z,e}fromBufferAttribute(e,t){return this.x=e.getX(t),this.y=e.getY(t),this.z=e.getZ(t),this}random(){return this.x=Math.random(),this.y=Math.random(),this.z=Math.random(),this}randomDirection(){let e=Math.random()*Math.PI*2,t=Math.random()*2-1,n=Math.sqrt(1-t*t);return this.x=n*Math.cos(e),this.y=t,this.z=n*Math.sin(e),this}*[Symbol.iterator](){yield this.x,yield this.y,yield this.z}},Io=new D,Xl=new $t,Le=class{static{this.prototype.isMatrix3=!0}constructor(e,t,n,s,a,r,o,c,l){this.elements=[1,0,0,0,1,0,0,0,1],e!==void 0&&this.set(e,t,n,s,a,r,o,c,l)}set(e,t,n,s,a,r,o,c,l){let d=this.elements;return d[0]=e,d[1]=s,d[2]=o,d[3]=t,d[4]=a,d[5]=c,d[6]=n,d[7]=r,d[8]=l,this}identity(){return this.set(1,0,0,0,1,0,0,0,1),this}copy(e){let t=this.elements,n=e.elements;return t[0]=n[0],t[1]=n[1],t[2]=n[2],t[3]=n[3],t[4]=n[4],t[5]=n[5],t[6]=n[6],t[7]=n[7],t[8]=n[8],this}extractBasis(e,t,n){return e.setFromMatrix3Column(this,0),t.setFromMatrix3Column(this,1),n.setFromMatrix3Column(this,2),this}setFromMatrix4(e){let t=e.elements;return this.set(t[0],t[4],t[8],t[1],t[5],t[9],t[2],t[6],t[10]),this}multiply(e){return this.multiplyMatrices(this,e)}premultiply(e){return this.multiplyMatrices(e,this)}multiplyMatrices(e,t){let n=e.elements,s=t.elements,a=this.elements,r=n[0],o=n[3],c=n[6],l=n[1],d=n[4],h=n[7],f=n[2],u=n[5],b=n[8],y=s[0],p=s[3],m=s[6],v=s[1],E=s[4],M=s[7],A=s[2],T=s[5],g=s[8];return a[0]=r*y+o*v+c*A,a[3]=r*p+o*E+c*T,a[6]=r*m+o*M+c*g,a[1]=l*y+d*v+h*A,a[4]=l*p+d*E+h*T,a[7]=l*m+d*M+h*g,a[2]=f*y+u*v+b*A,a[5]=f*p+u*E+b*T,a[8]=f*m+u*M+b*g,this}multiplyScalar(e){let t=this.elements;return t[0]*=e,t[3]*=e,t[6]*=e,t[1]*=e,t[4]*=e,t[7]*=e,t[2]*=e,t[5]*=e,t[8]*=e,this}determinant(){let e=this.elements,t=e[0],n=e[1],s=e[2],a=e[3],r=e[4],o=e[5],c=e[6],l=e[7],d=e[8];return t*r*d-t*o*l-n*a*d+n*o*c+s*a*l-s*r*c}invert(){let e=this.elements,t=e[0],n=e[1],s=e[2],a=e[3],r=e[4],o=e[5],c=e[6],l=e[7],d=e[8],h=d*r-o*l,f=o*c-d*a,u=l*a-r*c,b=t*h+n*f+s*u;if(b===0)return this.set(0,0,0,0,0,0,0,0,0);let y=1/b;return e[0]=h*y,e[1]=(s*l-d*n)*y,e[2]=(o*n-s*r)*y,e[3]=f*y,e[4]=(d*t-s*c)*y,e[5]=(s*a-o*t)*y,e[6]=u*y,e[7]=(n*c-l*t)*y,e[8]=(r*t-n*a)*y,this}transpose(){let e,t=this.elements;return e=t[1],t[1]=t[3],t[3]=e,e=t[2],t[2]=t[6],t[6]=e,e=t[5],t[5]=t[7],t[7]=e,this}getNormalMatrix(e){return this.setFromMatrix4(e).invert().transpose()}transposeIntoArray(e){let t=this.elements;return e[0]=t[0],e[1]=t[3],e[2]=t[6],e[3]=t[1],e[4]=t[4],e[5]=t[7],e[6]=t[2],e[7]=t[5],e[8]=t[8],this}setUvTransform(e,t,n,s,a,r,o){let c=Math.cos(a),l=Math.sin(a);return this.set(n*c,n*l,-n*(c*r+l*o)+r+e,-s*l,s*c,-s*(-l*r+c*o)+o+t,0,0,1),this}scale(e,t){return Ss("Matrix3: .scale() is deprecated. Use .makeScale() instead."),this.premultiply(Lo.makeScale(e,t)),this}rotate(e){return Ss("Matrix3: .rotate() is deprecated. Use .makeRotation() instead."),this.premultiply(Lo.makeRotation(-e)),this}translate(e,t){return Ss("Matrix3: .translate() is deprecated. Use .makeTranslation() instead."),this.premultiply(Lo.makeTranslation(e,t)),this}makeTranslation(e,t){return e.isVector2?this.set(1,0,e.x,0,1,e.y,0,0,1):this.set(1,0,e,0,1,t,0,0,1),this}makeRotation(e){let t=Math.cos(e),n=Math.sin(e);return this.set(t,-n,0,n,t,0,0,0,1),this}makeScale(e,t){return this.set(e,0,0,0,t,0,0,0,1),this}equals(e){let t=this.elements,n=e.elements;for(let s=0;s<9;s++)if(t[s]!==n[s])return!1;return!0}fromArray(e,t=0){for(let n=0;n<9;n++)this.elements[n]=e[n+t];return this}toArray(e=[],t=0){let n=this.elements;return e[t]=n[0],e[t+1]=n[1],e[t+2]=n[2],e[t+3]=n[3],e[t+4]=n[4],e[t+5]=n[5],e[t+6]=n[6],e[t+7]=n[7],e[t+8]=n[8],e}clone(){return new this.constructor().fromArray(this.elements)}},Lo=new Le,ql=new Le().set(.4123908,.3575843,.1804808,.212639,.7151687,.0721923,.0193308,.1191948,.9505322),Yl=new Le().set(3.2409699,-1.5373832,-.4986108,-.9692436,1.8759675,.0415551,.0556301,-.203977,1.0569715);function eu(){let i={enabled:!0,workingColorSpace:yi,spaces:{},convert:function(s,a,r){return this.enabled===!1||a===r||!a||!r||(this.spaces[a].transfer===Ze&&(s.r=Ln(s.r),s.g=Ln(s.g),s.b=Ln(s.b)),this.spaces[a].primaries!==this.spaces[r].primaries&&(s.applyMatrix3(this.spaces[a].toXYZ),s.applyMatrix3(this.spaces[r].fromXYZ)),this.spaces[r].transfer===Ze&&(s.r=Hi(s.r),s.g=Hi(s.g),s.b=Hi(s.b))),s},workingToColorSpace:function(s,a){return this.convert(s,this.workingColorSpace,a)},colorSpaceToWorking:function(s,a){return this.convert(s,a,this.workingColorSpace)},getPrimaries:function(s){return this.spaces[s].primaries},getTransfer:function(s){return s===zn?As:this.spaces[s].transfer},getToneMappingMode:function(s){return this.spaces[s].outputColorSpaceConfig.toneMappingMode||"standard"},getLuminanceCoefficients:function(s,a=this.workingColorSpace){return s.fromArray(this.spaces[a].luminanceCoefficients)},define:function(s){Object.assign(this.spaces,s)},_getMatrix:function(s,a,r){return s.copy(this.spaces[r].fromXYZ).multiply(this.spaces[a].toXYZ)},_getDrawingBufferColorSpace:function(s){return this.spaces[s].outputColorSpaceConfig.drawingBufferColorSpace},_getUnpackColorSpace:function(s=this.workingColorSpace){return this.spaces[s].workingColorSpaceConfig.unpackColorSpace}},e=[.64,.33,.3,.6,.15,.06],t=[.2126,.7152,.0722],n=[.3127,.329];return i.define({[yi]:{primaries:e,whitePoint:n,transfer:As,toXYZ:ql,fromXYZ:Yl,luminanceCoefficients:t,workingColorSpaceConfig:{unpackColorSpace:Xt},outputColorSpaceConfig:{drawingBufferColorSpace:Xt}},[Xt]:{primaries:e,whitePoint:n,transfer:Ze,toXYZ:ql,fromXYZ:Yl,luminanceCoefficients:t,outputColorSpaceConfig:{drawingBufferColorSpace:Xt}}}),i}var ke=eu();function Ln(i){return i<.04045?i*.0773993808:Math.pow(i*.9478672986+.0521327014,2.4)}function Hi(i){return i<.0031308?i*12.92:1.055*Math.pow(i,.41666)-.055}var Pi,Xa=class{static getDataURL(e,t="image/png"){if(/^data:/i.test(e.src)||typeof HTMLCanvasElement>"u")return e.src;let n;if(e instanceof HTMLCanvasElement)n=e;else{Pi===void 0&&(Pi=Cs("canvas")),Pi.width=e.width,Pi.height=e.height;let s=Pi.getContext("2d");e instanceof ImageData?s.putImageData(e,0,0):s.drawImage(e,0,0,e.width,e.height),n=Pi}return n.toDataURL(t)}static sRGBToLinear(e){if(typeof HTMLImageElement<"u"&&e instanceof HTMLImageElement||typeof HTMLCanvasElement<"u"&&e instanceof HTMLCanvasElement||typeof ImageBitmap<"u"&&e instanceof ImageBitmap){let t=Cs("canvas");t.width=e.width,t.height=e.height;let n=t.getContext("2d");n.drawImage(e,0,0,e.width,e.height);let s=n.getImageData(0,0,e.width,e.height),a=s.data;for(let r=0;r<a.length;r++)a[r]=Ln(a[r]/255)*255;return n.putImageData(s,0,0),t}else if(e.data){let t=e.data.slice(0);for(let n=0;n<t.length;n++)t instanceof Uint8Array||t instanceof Uint8ClampedArray?t[n]=Math.floor(Ln(t[n]/255)*255):t[n]=Ln(t[n]);return{data:t,width:e.width,height:e.height}}else return Te("ImageUtils.sRGBToLinear(): Unsupported image type. No color space conversion applied."),e}},tu=0,$i=class{constructor(e=null){this.isTextureSource=!0,Object.defineProperty(this,"id",{value:tu++}),this.uuid=ls(),this.data=e,this.dataReady=!0,this.version=0}getSize(e){let t=this.data;return typeof HTMLVideoElement<"u"&&t instanceof HTMLVideoElement?e.set(t.videoWidth,t.videoHeight,0):typeof VideoFrame<"u"&&t instanceof VideoFrame?e.set(t.displayWidth,t.displayHeight,0):t!==null?e.set(t.width||0,t.height||0,t.depth||0):e.set(0,0,0),e}set needsUpdate(e){e===!0&&this.version++}toJSON(e){let t=e===void 0||typeof e=="string";if(!t&&e.images[this.uuid]!==void 0)return e.images[this.uuid];let n={uuid:this.uuid,url:""},s=this.data;if(s!==null){let a;if(Array.isArray(s)){a=[];for(let r=0,o=s.length;r<o;r++)s[r].isDataTexture?a.push(No(s[r].image)):a.push(No(s[r]))}else a=No(s);n.url=a}return t||(e.images[this.uuid]=n),n}};function No(i){return typeof HTMLImageElement<"u"&&i instanceof HTMLImageElement||typeof HTMLCanvasElement<"u"&&i instanceof HTMLCanvasElement||typeof ImageBitmap<"u"&&i instanceof ImageBitmap?Xa.getDataURL(i):i.data?{data:Array.from(i.data),width:i.width,height:i.height,type:i.data.constructor.name}:(Te("Texture: Unable to serialize Texture."),{})}var nu=0,Do=new D,Bt=class i extends ln{constructor(e=i.DEFAULT_IMAGE,t=i.DEFAULT_MAPPING,n=gn,s=gn,a=Dt,r=Fn,o=un,c=Vt,l=i.DEFAULT_ANISOTROPY,d=zn){super(),this.isTexture=!0,Object.defineProperty(this,"id",{value:nu++}),this.uuid=ls(),this.name="",this.source=new $i(e),this.mipmaps=[],this.mapping=t,this.channel=0,this.wrapS=n,this.wrapT=s,this.magFilter=a,this.minFilter=r,this.anisotropy=l,this.format=o,this.internalFormat=null,this.type=c,this.offset=new Re(0,0),this.repeat=new Re(1,1),this.center=new Re(0,0),this.rotation=0,this.matrixAutoUpdate=!0,this.matrix=new Le,this.generateMipmaps=!0,this.mipmapsAutoUpdate=!0,this.premultiplyAlpha=!1,this.flipY=!0,this.unpackAlignment=4,this.colorSpace=d,this.userData={},this.updateRanges=[],this.version=0,this.onUpdate=null,this.renderTarget=null,this.isRenderTargetTexture=!1,this.isArrayTexture=!!(e&&e.depth&&e.depth>1),this.pmremVersion=0,this.isPMREMTexture=!1,this.normalized=!1}get width(){return this.source.getSize(Do).x}get height(){return this.source.getSize(Do).y}get depth(){return this.source.getSize(Do).z}get image(){return this.source.data}set image(e){this.source.data=e}updateMatrix(){this.matrix.setUvTransform(this.offset.x,this.offset.y,this.repeat.x,this.repeat.y,this.rotation,this.center.x,this.center.y)}addUpdateRange(e,t){this.updateRanges.push({start:e,count:t})}clearUpdateRanges(){this.updateRanges.length=0}clone(){return new this.constructor().copy(this)}copy(e){return this.name=e.name,this.source=e.source,this.mipmaps=e.mipmaps.slice(0),this.mapping=e.mapping,this.channel=e.channel,this.wrapS=e.wrapS,this.wrapT=e.wrapT,this.magFilter=e.magFilter,this.minFilter=e.minFilter,this.anisotropy=e.anisotropy,this.format=e.format,this.internalFormat=e.internalFormat,this.type=e.type,this.normalized=e.normalized,this.offset.copy(e.offset),this.repeat.copy(e.repeat),this.center.copy(e.center),this.rotation=e.rotation,this.matrixAutoUpdate=e.matrixAutoUpdate,this.matrix.copy(e.matrix),this.generateMipmaps=e.generateMipmaps,this.mipmapsAutoUpdate=e.mipmapsAutoUpdate,this.premultiplyAlpha=e.premultiplyAlpha,this.flipY=e.flipY,this.unpackAlignment=e.unpackAlignment,this.colorSpace=e.colorSpace,this.renderTarget=e.renderTarget,this.isRenderTargetTexture=e.isRenderTargetTexture,this.isPMREMTexture=e.isPMREMTexture,this.isArrayTexture=e.isArrayTexture,this.userData=JSON.parse(JSON.stringify(e.userData)),this.needsUpdate=!0,this}setValues(e){for(let t in e){let n=e[t];if(n===void 0){Te(`Texture.setValues(): parameter '${t}' has value of undefined.`);continue}let s=this[t];if(s===void 0){Te(`Texture.setValues(): property '${t}' does not exist.`);continue}s&&n&&s.isVector2&&n.isVector2||s&&n&&s.isVector3&&n.isVector3||s&&n&&s.isMatrix3&&n.isMatrix3?s.copy(n):this[t]=n}}toJSON(e){let t=e===void 0||typeof e=="string";if(!t&&e.textures[this.uuid]!==void 0)return e.textures[this.uuid];let n={metadata:{version:4.7,type:"Texture",generator:"Texture.toJSON"},uuid:this.uuid,name:this.name,image:this.source.toJSON(e).uuid,mapping:this.mapping,channel:this.channel,repeat:[this.repeat.x,this.repeat.y],offset:[this.offset.x,this.offset.y],center:[this.center.x,this.center.y],rotation:this.rotation,wrap:[this.wrapS,this.wrapT],format:this.format,internalFormat:this.internalFormat,type:this.type,normalized:this.normalized,colorSpace:this.colorSpace,minFilter:this.minFilter,magFilter:this.magFilter,anisotropy:this.anisotropy,flipY:this.flipY,generateMipmaps:this.generateMipmaps,mipmapsAutoUpdate:this.mipmapsAutoUpdate,premultiplyAlpha:this.premultiplyAlpha,unpackAlignment:this.unpackAlignment};return Object.keys(this.userData).length>0&&(n.userData=this.userData),t||(e.textures[this.uuid]=n),n}dispose(){this.dispatchEvent({type:"dispose"})}transformUv(e){if(this.mapping!==yc)return e;if(e.applyMatrix3(this.matrix),e.x<0||e.x>1)switch(this.wrapS){case Ga:e.x=e.x-Math.floor(e.x);break;case gn:e.x=e.x<0?0:1;break;case Ha:Math.abs(Math.floor(e.x)%2)===1?e.x=Math.ceil(e.x)-e.x:e.x=e.x-Math.floor(e.x);break}if(e.y<0||e.y>1)switch(this.wrapT){case Ga:e.y=e.y-Math.floor(e.y);break;case gn:e.y=e.y<0?0:1;break;case Ha:Math.abs(Math.floor(e.y)%2)===1?e.y=Math.ceil(e.y)-e.y:e.y=e.y-Math.floor(e.y);break}return this.flipY&&(e.y=1-e.y),e}set needsUpdate(e){e===!0&&(this.version++,this.source.needsUpdate=!0)}set needsPMREMUpdate(e){e===!0&&this.pmremVersion++}};Bt.DEFAULT_IMAGE=null;Bt.DEFAULT_MAPPING=yc;Bt.DEFAULT_ANISOTROPY=1;var ot=class{static{this.prototype.isVector4=!0}constructor(e=0,t=0,n=0,s=1){this.x=e,this.y=t,this.z=n,this.w=s}get width(){return this.z}set width(e){this.z=e}get height(){return this.w}set height(e){this.w=e}set(e,t,n,s){return this.x=e,this.y=t,this.z=n,this.w=s,this}setScalar(e){return this.x=e,this.y=e,this.z=e,this.w=e,this}setX(e){return this.x=e,this}setY(e){return this.y=e,this}setZ(e){return this.z=e,this}setW(e){return this.w=e,this}setComponent(e,t){switch(e){case 0:this.x=t;break;case 1:this.y=t;break;case 2:this.z=t;break;case 3:this.w=t;break;default:throw new Error("THREE.Vector4: index is out of range: "+e)}return this}getComponent(e){switch(e){case 0:return this.x;case 1:return this.y;case 2:return this.z;case 3:return this.w;default:throw new Error("THREE.Vector4: index is out of range: "+e)}}clone(){return new this.constructor(this.x,this.y,this.z,this.w)}copy(e){return this.x=e.x,this.y=e.y,this.z=e.z,this.w=e.w!==void 0?e.w:1,this}add(e){return this.x+=e.x,this.y+=e.y,this.z+=e.z,this.w+=e.w,this}addScalar(e){return this.x+=e,this.y+=e,this.z+=e,this.w+=e,this}addVectors(e,t){return this.x=e.x+t.x,this.y=e.y+t.y,this.z=e.z+t.z,this.w=e.w+t.w,this}addScaledVector(e,t){return this.x+=e.x*t,this.y+=e.y*t,this.z+=e.z*t,this.w+=e.w*t,this}sub(e){return this.x-=e.x,this.y-=e.y,this.z-=e.z,this.w-=e.w,this}subScalar(e){return this.x-=e,this.y-=e,this.z-=e,this.w-=e,this}subVectors(e,t){return this.x=e.x-t.x,this.y=e.y-t.y,this.z=e.z-t.z,this.w=e.w-t.w,this}multiply(e){return this.x*=e.x,this.y*=e.y,this.z*=e.z,this.w*=e.w,this}multiplyScalar(e){return this.x*=e,this.y*=e,this.z*=e,this.w*=e,this}applyMatrix4(e){let t=this.x,n=this.y,s=this.z,a=this.w,r=e.elements;return this.x=r[0]*t+r[4]*n+r[8]*s+r[12]*a,this.y=r[1]*t+r[5]*n+r[9]*s+r[13]*a,this.z=r[2]*t+r[6]*n+r[10]*s+r[14]*a,this.w=r[3]*t+r[7]*n+r[11]*s+r[15]*a,this}divide(e){return this.x/=e.x,this.y/=e.y,this.z/=e.z,this.w/=e.w,this}divideScalar(e){return this.multiplyScalar(1/e)}setAxisAngleFromQuaternion(e){this.w=2*Math.acos(e.w);let t=Math.sqrt(1-e.w*e.w);return t<1e-4?(this.x=1,this.y=0,this.z=0):(this.x=e.x/t,this.y=e.y/t,this.z=e.z/t),this}setAxisAngleFromRotationMatrix(e){let t,n,s,a,c=e.elements,l=c[0],d=c[4],h=c[8],f=c[1],u=c[5],b=c[9],y=c[2],p=c[6],m=c[10];if(Math.abs(d-f)<.01&&Math.abs(h-y)<.01&&Math.abs(b-p)<.01){if(Math.abs(d+f)<.1&&Math.abs(h+y)<.1&&Math.abs(b+p)<.1&&Math.abs(l+u+m-3)<.1)return this.set(1,0,0,0),this;t=Math.PI;let E=(l+1)/2,M=(u+1)/2,A=(m+1)/2,T=(d+f)/4,g=(h+y)/4,w=(b+p)/4;return E>M&&E>A?E<.01?(n=0,s=.707106781,a=.707106781):(n=Math.sqrt(E),s=T/n,a=g/n):M>A?M<.01?(n=.707106781,s=0,a=.707106781):(s=Math.sqrt(M),n=T/s,a=w/s):A<.01?(n=.707106781,s=.707106781,a=0):(a=Math.sqrt(A),n=g/a,s=w/a),this.set(n,s,a,t),this}let v=Math.sqrt((p-b)*(p-b)+(h-y)*(h-y)+(f-d)*(f-d));return Math.abs(v)<.001&&(v=1),this.x=(p-b)/v,this.y=(h-y)/v,this.z=(f-d)/v,this.w=Math.acos((l+u+m-1)/2),this}setFromMatrixPosition(e){let t=e.elements;return this.x=t[12],this.y=t[13],this.z=t[14],this.w=t[15],this}min(e){return this.x=Math.min(this.x,e.x),this.y=Math.min(this.y,e.y),this.z=Math.min(this.z,e.z),this.w=Math.min(this.w,e.w),this}max(e){return this.x=Math.max(this.x,e.x),this.y=Math.max(this.y,e.y),this.z=Math.max(this.z,e.z),this.w=Math.max(this.w,e.w),this}clamp(e,t){return this.x=Ve(this.x,e.x,t.x),this.y=Ve(this.y,e.y,t.y),this.z=Ve(this.z,e.z,t.z),this.w=Ve(this.w,e.w,t.w),this}clampScalar(e,t){return this.x=Ve(this.x,e,t),this.y=Ve(this.y,e,t),this.z=Ve(this.z,e,t),this.w=Ve(this.w,e,t),this}clampLength(e,t){let n=this.length();return this.divideScalar(n||1).multiplyScalar(Ve(n,e,t))}floor(){return this.x=Math.floor(this.x),this.y=Math.floor(this.y),this.z=Math.floor(this.z),this.w=Math.floor(this.w),this}ceil(){return this.x=Math.ceil(this.x),this.y=Math.ceil(this.y),this.z=Math.ceil(this.z),this.w=Math.ceil(this.w),this}round(){return this.x=Math.round(this.x),this.y=Math.round(this.y),this.z=Math.round(this.z),this.w=Math.round(this.w),this}roundToZero(){return this.x=Math.trunc(this.x),this.y=Math.trunc(this.y),this.z=Math.trunc(this.z),this.w=Math.trunc(this.w),this}negate(){return this.x=-this.x,this.y=-this.y,this.z=-this.z,this.w=-this.w,this}dot(e){return this.x*e.x+this.y*e.y+this.z*e.z+this.w*e.w}lengthSq(){return this.x*this.x+this.y*this.y+this.z*this.z+this.w*this.w}length(){return Math.sqrt(this.x*this.x+this.y*this.y+this.z*this.z+this.w*this.w)}manhattanLength(){return Math.abs(this.x)+Math.abs(this.y)+Math.abs(this.z)+Math.abs(this.w)}normalize(){return this.divideScalar(this.length()||1)}setLength(e){return this.normalize().multiplyScalar(e)}lerp(e,t){return this.x+=(e.x-this.x)*t,this.y+=(e.y-this.y)*t,this.z+=(e.z-this.z)*t,this.w+=(e.w-this.w)*t,this}lerpVectors(e,t,n){return this.x=e.x+(t.x-e.x)*n,this.y=e.y+(t.y-e.y)*n,this.z=e.z+(t.z-e.z)*n,this.w=e.w+(t.w-e.w)*n,this}equals(e){return e.x===this.x&&e.y===this.y&&e.z===this.z&&e.w===this.w}fromArray(e,t=0){return this.x=e[t],this.y=e[t+1],this.z=e[t+2],this.w=e[t+3],this}toArray(e=[],t=0){return e[t]=this.x,e[t+1]=this.y,e[t+2]=this.z,e[t+3]=this.w,e}fromBufferAttribute(e,t){return this.x=e.getX(t),this.y=e.getY(t),this.z=e.getZ(t),this.w=e.getW(t),this}random(){return this.x=Math.random(),this.y=Math.random(),this.z=Math.random(),this.w=Math.random(),this}*[Symbol.iterator](){yield this.x,yield this.y,yield this.z,yield this.w}},qa=class extends ln{constructor(e=1,t=1,n={}){super(),n=Object.assign({generateMipmaps:!1,internalFormat:null,minFilter:Dt,depthBuffer:!0,stencilBuffer:!1,resolveColorBuffer:!0,resolveDepthBuffer:!0,resolveStencilBuffer:!0,storeMultisampledColorBuffer:!0,storeMultisampledDepthBuffer:!0,storeMultisampledStencilBuffer:!0,depthTexture:null,samples:0,count:1,depth:1,multiview:!1,useArrayDepthTexture:!1},n),this.isRenderTarget=!0,this.width=e,this.height=t,this.depth=n.depth,this.scissor=new ot(0,0,e,t),this.scissorTest=!1,this.viewport=new ot(0,0,e,t),this.textures=[];let s=n.count;for(let a=0;a<s;a++)this.textures[a]=new Bt({width:e,height:t,depth:n.depth}),this.textures[a].isRenderTargetTexture=!0,this.textures[a].renderTarget=this;this._setTextureOptions(n),this.depthBuffer=n.depthBuffer,this.stencilBuffer=n.stencilBuffer,this.resolveColorBuffer=n.resolveColorBuffer,this.resolveDepthBuffer=n.resolveDepthBuffer,this.resolveStencilBuffer=n.resolveStencilBuffer,this.storeMultisampledColorBuffer=n.storeMultisampledColorBuffer,this.storeMultisampledDepthBuffer=n.storeMultisampledDepthBuffer,this.storeMultisampledStencilBuffer=n.storeMultisampledStencilBuffer,this._depthTexture=null,this.depthTexture=n.depthTexture,this.samples=n.samples,this.multiview=n.multiview,this.useArrayDepthTexture=n.useArrayDepthTexture}_setTextureOptions(e={}){let t={minFilter:Dt,generateMipmaps:!1,flipY:!1,internalFormat:null};e.mapping!==void 0&&(t.mapping=e.mapping),e.wrapS!==void 0&&(t.wrapS=e.wrapS),e.wrapT!==void 0&&(t.wrapT=e.wrapT),e.wrapR!==void 0&&(t.wrapR=e.wrapR),e.magFilter!==void 0&&(t.magFilter=e.magFilter),e.minFilter!==void 0&&(t.minFilter=e.minFilter),e.format!==void 0&&(t.format=e.format),e.type!==void 0&&(t.type=e.type),e.anisotropy!==void 0&&(t.anisotropy=e.anisotropy),e.colorSpace!==void 0&&(t.colorSpace=e.colorSpace),e.flipY!==void 0&&(t.flipY=e.flipY),e.generateMipmaps!==void 0&&(t.generateMipmaps=e.generateMipmaps),e.mipmapsAutoUpdate!==void 0&&(t.mipmapsAutoUpdate=e.mipmapsAutoUpdate),e.internalFormat!==void 0&&(t.internalFormat=e.internalFormat);for(let n=0;n<this.textures.length;n++)this.textures[n].setValues(t)}get texture(){return this.textures[0]}set texture(e){this.textures[0]=e}set depthTexture(e){this._depthTexture!==null&&this._depthTexture.renderTarget===this&&(this._depthTexture.renderTarget=null),e!==null&&e.renderTarget===null&&(e.renderTarget=this),this._depthTexture=e}get depthTexture(){return this._depthTexture}setSize(e,t,n=1){if(this.width!==e||this.height!==t||this.depth!==n){this.width=e,this.height=t,this.depth=n;for(let s=0,a=this.textures.length;s<a;s++)this.textures[s].image.width=e,this.textures[s].image.height=t,this.textures[s].image.depth=n,this.textures[s].isData3DTexture!==!0&&(this.textures[s].isArrayTexture=this.textures[s].image.depth>1);this.dispose()}this.viewport.set(0,0,e,t),this.scissor.set(0,0,e,t)}clone(){return new this.constructor().copy(this)}copy(e){this.width=e.width,this.height=e.height,this.depth=e.depth,this.scissor.copy(e.scissor),this.scissorTest=e.scissorTest,this.viewport.copy(e.viewport),this.textures.length=0;for(let t=0,n=e.textures.length;t<n;t++){this.textures[t]=e.textures[t].clone(),this.textures[t].isRenderTargetTexture=!0,this.textures[t].renderTarget=this;let s=Object.assign({},e.textures[t].image);this.textures[t].source=new $i(s)}if(this.depthBuffer=e.depthBuffer,this.stencilBuffer=e.stencilBuffer,this.resolveColorBuffer=e.resolveColorBuffer,this.resolveDepthBuffer=e.resolveDepthBuffer,this.resolveStencilBuffer=e.resolveStencilBuffer,this.storeMultisampledColorBuffer=e.storeMultisampledColorBuffer,this.storeMultisampledDepthBuffer=e.storeMultisampledDepthBuffer,this.storeMultisampledStencilBuffer=e.storeMultisampledStencilBuffer,e.depthTexture!==null)if(e.depthTexture.renderTarget===e){let t=e.depthTexture.clone();t.renderTarget=null,this.depthTexture=t}else this.depthTexture=e.depthTexture;else this.depthTexture=null;return this.samples=e.samples,this.multiview=e.multiview,this.useArrayDepthTexture=e.useArrayDepthTexture,this}dispose(){this.dispatchEvent({type:"dispose"})}},Zt=class extends qa{constructor(e=1,t=1,n={}){super(e,t,n),this.isWebGLRenderTarget=!0}},Rs=class extends Bt{constructor(e=null,t=1,n=1,s=1){super(null),this.isDataArrayTexture=!0,this.image={data:e,width:t,height:n,depth:s},this.magFilter=wt,this.minFilter=wt,this.wrapR=gn,this.generateMipmaps=!1,this.flipY=!1,this.unpackAlignment=1,this.layerUpdates=new Set}copy(e){return super.copy(e),this.wrapR=e.wrapR,this}addLayerUpdate(e){this.layerUpdates.add(e)}clearLayerUpdates(){this.layerUpdates.clear()}};var Ya=class extends Bt{constructor(e=null,t=1,n=1,s=1){super(null),this.isData3DTexture=!0,this.image={data:e,width:t,height:n,depth:s},this.magFilter=wt,this.minFilter=wt,this.wrapR=gn,this.generateMipmaps=!1,this.flipY=!1,this.unpackAlignment=1}copy(e){return super.copy(e),this.wrapR=e.wrapR,this}};var et=class i{static{this.prototype.isMatrix4=!0}constructor(e,t,n,s,a,r,o,c,l,d,h,f,u,b,y,p){this.elements=[1,0,0,0,0,1,0,0,0,0,1,0,0,0,0,1],e!==void 0&&this.set(e,t,n,s,a,r,o,c,l,d,h,f,u,b,y,p)}set(e,t,n,s,a,r,o,c,l,d,h,f,u,b,y,p){let m=this.elements;return m[0]=e,m[4]=t,m[8]=n,m[12]=s,m[1]=a,m[5]=r,m[9]=o,m[13]=c,m[2]=l,m[6]=d,m[10]=h,m[14]=f,m[3]=u,m[7]=b,m[11]=y,m[15]=p,this}identity(){return this.set(1,0,0,0,0,1,0,0,0,0,1,0,0,0,0,1),this}clone(){return new i().fromArray(this.elements)}copy(e){let t=this.elements,n=e.elements;return t[0]=n[0],t[1]=n[1],t[2]=n[2],t[3]=n[3],t[4]=n[4],t[5]=n[5],t[6]=n[6],t[7]=n[7],t[8]=n[8],t[9]=n[9],t[10]=n[10],t[11]=n[11],t[12]=n[12],t[13]=n[13],t[14]=n[14],t[15]=n[15],this}copyPosition(e){let t=this.elements,n=e.elements;return t[12]=n[12],t[13]=n[13],t[14]=n[14],this}setFromMatrix3(e){let t=e.elements;return this.set(t[0],t[3],t[6],0,t[1],t[4],t[7],0,t[2],t[5],t[8],0,0,0,0,1),this}extractBasis(e,t,n){return this.determinantAffine()===0?(e.set(1,0,0),t.set(0,1,0),n.set(0,0,1),this):(e.setFromMatrixColumn(this,0),t.setFromMatrixColumn(this,1),n.setFromMatrixColumn(this,2),this)}makeBasis(e,t,n){return this.set(e.x,t.x,n.x,0,e.y,t.y,n.y,0,e.z,t.z,n.z,0,0,0,0,1),this}extractRotation(e){if(e.determinantAffine()===0)return this.identity();let t=this.elements,n=e.elements,s=1/Ii.setFromMatrixColumn(e,0).length(),a=1/Ii.setFromMatrixColumn(e,1).length(),r=1/Ii.setFromMatrixColumn(e,2).length();return t[0]=n[0]*s,t[1]=n[1]*s,t[2]=n[2]*s,t[3]=0,t[4]=n[4]*a,t[5]=n[5]*a,t[6]=n[6]*a,t[7]=0,t[8]=n[8]*r,t[9]=n[9]*r,t[10]=n[10]*r,t[11]=0,t[12]=0,t[13]=0,t[14]=0,t[15]=1,this}makeRotationFromEuler(e){let t=this.elements,n=e.x,s=e.y,a=e.z,r=Math.cos(n),o=Math.sin(n),c=Math.cos(s),l=Math.sin(s),d=Math.cos(a),h=Math.sin(a);if(e.order==="XYZ"){let f=r*d,u=r*h,b=o*d,y=o*h;t[0]=c*d,t[4]=-c*h,t[8]=l,t[1]=u+b*l,t[5]=f-y*l,t[9]=-o*c,t[2]=y-f*l,t[6]=b+u*l,t[10]=r*c}else if(e.order==="YXZ"){let f=c*d,u=c*h,b=l*d,y=l*h;t[0]=f+y*o,t[4]=b*o-u,t[8]=r*l,t[1]=r*h,t[5]=r*d,t[9]=-o,t[2]=u*o-b,t[6]=y+f*o,t[10]=r*c}else if(e.order==="ZXY"){let f=c*d,u=c*h,b=l*d,y=l*h;t[0]=f-y*o,t[4]=-r*h,t[8]=b+u*o,t[1]=u+b*o,t[5]=r*d,t[9]=y-f*o,t[2]=-r*l,t[6]=o,t[10]=r*c}else if(e.order==="ZYX"){let f=r*d,u=r*h,b=o*d,y=o*h;t[0]=c*d,t[4]=b*l-u,t[8]=f*l+y,t[1]=c*h,t[5]=y*l+f,t[9]=u*l-b,t[2]=-l,t[6]=o*c,t[10]=r*c}else if(e.order==="YZX"){let f=r*c,u=r*l,b=o*c,y=o*l;t[0]=c*d,t[4]=y-f*h,t[8]=b*h+u,t[1]=h,t[5]=r*d,t[9]=-o*d,t[2]=-l*d,t[6]=u*h+b,t[10]=f-y*h}else if(e.order==="XZY"){let f=r*c,u=r*l,b=o*c,y=o*l;t[0]=c*d,t[4]=-h,t[8]=l*d,t[1]=f*h+y,t[5]=r*d,t[9]=u*h-b,t[2]=b*h-u,t[6]=o*d,t[10]=y*h+f}return t[3]=0,t[7]=0,t[11]=0,t[12]=0,t[13]=0,t[14]=0,t[15]=1,this}makeRotationFromQuaternion(e){return this.compose(iu,e,su)}lookAt(e,t,n){let s=this.elements;return Ht.subVectors(e,t),Ht.lengthSq()===0&&(Ht.z=1),Ht.normalize(),Zn.crossVectors(n,Ht),Zn.lengthSq()===0&&(Math.abs(n.z)===1?Ht.x+=1e-4:Ht.z+=1e-4,Ht.normalize(),Zn.crossVectors(n,Ht)),Zn.normalize(),la.crossVectors(Ht,Zn),s[0]=Zn.x,s[4]=la.x,s[8]=Ht.x,s[1]=Zn.y,s[5]=la.y,s[9]=Ht.y,s[2]=Zn.z,s[6]=la.z,s[10]=Ht.z,this}multiply(e){return this.multiplyMatrices(this,e)}premultiply(e){return this.multiplyMatrices(e,this)}multiplyMatrices(e,t){let n=e.elements,s=t.elements,a=this.elements,r=n[0],o=n[4],c=n[8],l=n[12],d=n[1],h=n[5],f=n[9],u=n[13],b=n[2],y=n[6],p=n[10],m=n[14],v=n[3],E=n[7],M=n[11],A=n[15],T=s[0],g=s[4],w=s[8],B=s[12],I=s[1],N=s[5],V=s[9],Y=s[13],P=s[2],X=s[6],K=s[10],G=s[14],ne=s[3],W=s[7],Q=s[11],ee=s[15];return a[0]=r*T+o*I+c*P+l*ne,a[4]=r*g+o*N+c*X+l*W,a[8]=r*w+o*V+c*K+l*Q,a[12]=r*B+o*Y+c*G+l*ee,a[1]=d*T+h*I+f*P+u*ne,a[5]=d*g+h*N+f*X+u*W,a[9]=d*w+h*V+f*K+u*Q,a[13]=d*B+h*Y+f*G+u*ee,a[2]=b*T+y*I+p*P+m*ne,a[6]=b*g+y*N+p*X+m*W,a[10]=b*w+y*V+p*K+m*Q,a[14]=b*B+y*Y+p*G+m*ee,a[3]=v*T+E*I+M*P+A*ne,a[7]=v*g+E*N+M*X+A*W,a[11]=v*w+E*V+M*K+A*Q,a[15]=v*B+E*Y+M*G+A*ee,this}multiplyScalar(e){let t=this.elements;return t[0]*=e,t[4]*=e,t[8]*=e,t[12]*=e,t[1]*=e,t[5]*=e,t[9]*=e,t[13]*=e,t[2]*=e,t[6]*=e,t[10]*=e,t[14]*=e,t[3]*=e,t[7]*=e,t[11]*=e,t[15]*=e,this}determinant(){let e=this.elements,t=e[0],n=e[4],s=e[8],a=e[12],r=e[1],o=e[5],c=e[9],l=e[13],d=e[2],h=e[6],f=e[10],u=e[14],b=e[3],y=e[7],p=e[11],m=e[15],v=c*u-l*f,E=o*u-l*h,M=o*f-c*h,A=r*u-l*d,T=r*f-c*d,g=r*h-o*d;return t*(y*v-p*E+m*M)-n*(b*v-p*A+m*T)+s*(b*E-y*A+m*g)-a*(b*M-y*T+p*g)}determinantAffine(){let e=this.elements,t=e[0],n=e[4],s=e[8],a=e[1],r=e[5],o=e[9],c=e[2],l=e[6],d=e[10];return t*(r*d-o*l)-n*(a*d-o*c)+s*(a*l-r*c)}transpose(){let e=this.elements,t;return t=e[1],e[1]=e[4],e[4]=t,t=e[2],e[2]=e[8],e[8]=t,t=e[6],e[6]=e[9],e[9]=t,t=e[3],e[3]=e[12],e[12]=t,t=e[7],e[7]=e[13],e[13]=t,t=e[11],e[11]=e[14],e[14]=t,this}setPosition(e,t,n){let s=this.elements;return e.isVector3?(s[12]=e.x,s[13]=e.y,s[14]=e.z):(s[12]=e,s[13]=t,s[14]=n),this}invert(){let e=this.elements,t=e[0],n=e[1],s=e[2],a=e[3],r=e[4],o=e[5],c=e[6],l=e[7],d=e[8],h=e[9],f=e[10],u=e[11],b=e[12],y=e[13],p=e[14],m=e[15],v=t*o-n*r,E=t*c-s*r,M=t*l-a*r,A=n*c-s*o,T=n*l-a*o,g=s*l-a*c,w=d*y-h*b,B=d*p-f*b,I=d*m-u*b,N=h*p-f*y,V=h*m-u*y,Y=f*m-u*p,P=v*Y-E*V+M*N+A*I-T*B+g*w;if(P===0)return this.set(0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0);let X=1/P;return e[0]=(o*Y-c*V+l*N)*X,e[1]=(s*V-n*Y-a*N)*X,e[2]=(y*g-p*T+m*A)*X,e[3]=(f*T-h*g-u*A)*X,e[4]=(c*I-r*Y-l*B)*X,e[5]=(t*Y-s*I+a*B)*X,e[6]=(p*M-b*g-m*E)*X,e[7]=(d*g-f*M+u*E)*X,e[8]=(r*V-o*I+l*w)*X,e[9]=(n*I-t*V-a*w)*X,e[10]=(b*T-y*M+m*v)*X,e[11]=(h*M-d*T-u*v)*X,e[12]=(o*B-r*N-c*w)*X,e[13]=(t*N-n*B+s*w)*X,e[14]=(y*E-b*A-p*v)*X,e[15]=(d*A-h*E+f*v)*X,this}scale(e){let t=this.elements,n=e.x,s=e.y,a=e.z;return t[0]*=n,t[4]*=s,t[8]*=a,t[1]*=n,t[5]*=s,t[9]*=a,t[2]*=n,t[6]*=s,t[10]*=a,t[3]*=n,t[7]*=s,t[11]*=a,this}getMaxScaleOnAxis(){let e=this.elements,t=e[0]*e[0]+e[1]*e[1]+e[2]*e[2],n=e[4]*e[4]+e[5]*e[5]+e[6]*e[6],s=e[8]*e[8]+e[9]*e[9]+e[10]*e[10];return Math.sqrt(Math.max(t,n,s))}makeTranslation(e,t,n){return e.isVector3?this.set(1,0,0,e.x,0,1,0,e.y,0,0,1,e.z,0,0,0,1):this.set(1,0,0,e,0,1,0,t,0,0,1,n,0,0,0,1),this}makeRotationX(e){let t=Math.cos(e),n=Math.sin(e);return this.set(1,0,0,0,0,t,-n,0,0,n,t,0,0,0,0,1),this}makeRotationY(e){let t=Math.cos(e),n=Math.sin(e);return this.set(t,0,n,0,0,1,0,0,-n,0,t,0,0,0,0,1),this}makeRotationZ(e){let t=Math.cos(e),n=Math.sin(e);return this.set(t,-n,0,0,n,t,0,0,0,0,1,0,0,0,0,1),this}makeRotationAxis(e,t){let n=Math.cos(t),s=Math.sin(t),a=1-n,r=e.x,o=e.y,c=e.z,l=a*r,d=a*o;return this.set(l*r+n,l*o-s*c,l*c+s*o,0,l*o+s*c,d*o+n,d*c-s*r,0,l*c-s*o,d*c+s*r,a*c*c+n,0,0,0,0,1),this}makeScale(e,t,n){return this.set(e,0,0,0,0,t,0,0,0,0,n,0,0,0,0,1),this}makeShear(e,t,n,s,a,r){return this.set(1,n,a,0,e,1,r,0,t,s,1,0,0,0,0,1),this}compose(e,t,n){let s=this.elements,a=t._x,r=t._y,o=t._z,c=t._w,l=a+a,d=r+r,h=o+o,f=a*l,u=a*d,b=a*h,y=r*d,p=r*h,m=o*h,v=c*l,E=c*d,M=c*h,A=n.x,T=n.y,g=n.z;return s[0]=(1-(y+m))*A,s[1]=(u+M)*A,s[2]=(b-E)*A,s[3]=0,s[4]=(u-M)*T,s[5]=(1-(f+m))*T,s[6]=(p+v)*T,s[7]=0,s[8]=(b+E)*g,s[9]=(p-v)*g,s[10]=(1-(f+y))*g,s[11]=0,s[12]=e.x,s[13]=e.y,s[14]=e.z,s[15]=1,this}decompose(e,t,n){let s=this.elements;e.x=s[12],e.y=s[13],e.z=s[14];let a=this.determinantAffine();if(a===0)return n.set(1,1,1),t.identity(),this;let r=Ii.set(s[0],s[1],s[2]).length(),o=Ii.set(s[4],s[5],s[6]).length(),c=Ii.set(s[8],s[9],s[10]).length();a<0&&(r=-r),rn.copy(this);let l=1/r,d=1/o,h=1/c;return rn.elements[0]*=l,rn.elements[1]*=l,rn.elements[2]*=l,rn.elements[4]*=d,rn.elements[5]*=d,rn.elements[6]*=d,rn.elements[8]*=h,rn.elements[9]*=h,rn.elements[10]*=h,t.setFromRotationMatrix(rn),n.x=r,n.y=o,n.z=c,this}makePerspective(e,t,n,s,a,r,o=sn,c=!1){let l=this.elements,d=2*a/(t-e),h=2*a/(n-s),f=(t+e)/(t-e),u=(n+s)/(n-s),b,y;if(c)b=a/(r-a),y=r*a/(r-a);else if(o===sn)b=-(r+a)/(r-a),y=-2*r*a/(r-a);else if(o===Xi)b=-r/(r-a),y=-r*a/(r-a);else throw new Error("THREE.Matrix4.makePerspective(): Invalid coordinate system: "+o);return l[0]=d,l[4]=0,l[8]=f,l[12]=0,l[1]=0,l[5]=h,l[9]=u,l[13]=0,l[2]=0,l[6]=0,l[10]=b,l[14]=y,l[3]=0,l[7]=0,l[11]=-1,l[15]=0,this}makeOrthographic(e,t,n,s,a,r,o=sn,c=!1){let l=this.elements,d=2/(t-e),h=2/(n-s),f=-(t+e)/(t-e),u=-(n+s)/(n-s),b,y;if(c)b=1/(r-a),y=r/(r-a);else if(o===sn)b=-2/(r-a),y=-(r+a)/(r-a);else if(o===Xi)b=-1/(r-a),y=-a/(r-a);else throw new Error("THREE.Matrix4.makeOrthographic(): Invalid coordinate system: "+o);return l[0]=d,l[4]=0,l[8]=0,l[12]=f,l[1]=0,l[5]=h,l[9]=0,l[13]=u,l[2]=0,l[6]=0,l[10]=b,l[14]=y,l[3]=0,l[7]=0,l[11]=0,l[15]=1,this}equals(e){let t=this.elements,n=e.elements;for(let s=0;s<16;s++)if(t[s]!==n[s])return!1;return!0}fromArray(e,t=0){for(let n=0;n<16;n++)this.elements[n]=e[n+t];return this}toArray(e=[],t=0){let n=this.elements;return e[t]=n[0],e[t+1]=n[1],e[t+2]=n[2],e[t+3]=n[3],e[t+4]=n[4],e[t+5]=n[5],e[t+6]=n[6],e[t+7]=n[7],e[t+8]=n[8],e[t+9]=n[9],e[t+10]=n[10],e[t+11]=n[11],e[t+12]=n[12],e[t+13]=n[13],e[t+14]=n[14],e[t+15]=n[15],e}},Ii=new D,rn=new et,iu=new D(0,0,0),su=new D(1,1,1),Zn=new D,la=new D,Ht=new D,$l=new et,Zl=new $t,Dn=class i{constructor(e=0,t=0,n=0,s=i.DEFAULT_ORDER){this.isEuler=!0,this._x=e,this._y=t,this._z=n,this._order=s}get x(){return this._x}set x(e){this._x=e,this._onChangeCallback()}get y(){return this._y}set y(e){this._y=e,this._onChangeCallback()}get z(){return this._z}set z(e){this._z=e,this._onChangeCallback()}get order(){return this._order}set order(e){this._order=e,this._onChangeCallback()}set(e,t,n,s=this._order){return this._x=e,this._y=t,this._z=n,this._order=s,this._onChangeCallback(),this}clone(){return new this.constructor(this._x,this._y,this._z,this._order)}copy(e){return this._x=e._x,this._y=e._y,this._z=e._z,this._order=e._order,this._onChangeCallback(),this}setFromRotationMatrix(e,t=this._order,n=!0){let s=e.elements,a=s[0],r=s[4],o=s[8],c=s[1],l=s[5],d=s[9],h=s[2],f=s[6],u=s[10];switch(t){case"XYZ":this._y=Math.asin(Ve(o,-1,1)),Math.abs(o)<.9999999?(this._x=Math.atan2(-d,u),this._z=Math.atan2(-r,a)):(this._x=Math.atan2(f,l),this._z=0);break;case"YXZ":this._x=Math.asin(-Ve(d,-1,1)),Math.abs(d)<.9999999?(this._y=Math.atan2(o,u),this._z=Math.atan2(c,l)):(this._y=Math.atan2(-h,a),this._z=0);break;case"ZXY":this._x=Math.asin(Ve(f,-1,1)),Math.abs(f)<.9999999?(this._y=Math.atan2(-h,u),this._z=Math.atan2(-r,l)):(this._y=0,this._z=Math.atan2(c,a));break;case"ZYX":this._y=Math.asin(-Ve(h,-1,1)),Math.abs(h)<.9999999?(this._x=Math.atan2(f,u),this._z=Math.atan2(c,a)):(this._x=0,this._z=Math.atan2(-r,l));break;case"YZX":this._z=Math.asin(Ve(c,-1,1)),Math.abs(c)<.9999999?(this._x=Math.atan2(-d,l),this._y=Math.atan2(-h,a)):(this._x=0,this._y=Math.atan2(o,u));break;case"XZY":this._z=Math.asin(-Ve(r,-1,1)),Math.abs(r)<.9999999?(this._x=Math.atan2(f,l),this._y=Math.atan2(o,a)):(this._x=Math.atan2(-d,u),this._y=0);break;default:Te("Euler: .setFromRotationMatrix() encountered an unknown order: "+t)}return this._order=t,n===!0&&this._onChangeCallback(),this}setFromQuaternion(e,t,n){return $l.makeRotationFromQuaternion(e),this.setFromRotationMatrix($l,t,n)}setFromVector3(e,t=this._order){return this.set(e.x,e.y,e.z,t)}reorder(e){return Zl.setFromEuler(this),this.setFromQuaternion(Zl,e)}equals(e){return e._x===this._x&&e._y===this._y&&e._z===this._z&&e._order===this._order}fromArray(e){return this._x=e[0],this._y=e[1],this._z=e[2],e[3]!==void 0&&(this._order=e[3]),this._onChangeCallback(),this}toArray(e=[],t=0){return e[t]=this._x,e[t+1]=this._y,e[t+2]=this._z,e[t+3]=this._order,e}_onChange(e){return this._onChangeCallback=e,this}_onChangeCallback(){}*[Symbol.iterator](){yield this._x,yield this._y,yield this._z,yield this._order}};Dn.DEFAULT_ORDER="XYZ";var Zi=class{constructor(){this.mask=1}set(e){this.mask=(1<<e|0)>>>0}enable(e){this.mask|=1<<e|0}enableAll(){this.mask=-1}toggle(e){this.mask^=1<<e|0}disable(e){this.mask&=~(1<<e|0)}disableAll(){this.mask=0}test(e){return(this.mask&e.mask)!==0}isEnabled(e){return(this.mask&(1<<e|0))!==0}},au=0,Jl=new D,Li=new $t,Tn=new et,da=new D,_s=new D,ru=new D,ou=new $t,Kl=new D(1,0,0),jl=new D(0,1,0),Ql=new D(0,0,1),ed={type:"added"},cu={type:"removed"},Ni={type:"childadded",child:null},Uo={type:"childremoved",child:null},At=class i extends ln{constructor(){super(),this.isObject3D=!0,Object.defineProperty(this,"id",{value:au++}),this.uuid=ls(),this.name="",this.type="Object3D",this.parent=null,this.children=[],this.up=i.DEFAULT_UP.clone();let e=new D,t=new Dn,n=new $t,s=new D(1,1,1);function a(){n.setFromEuler(t,!1)}function r(){t.setFromQuaternion(n,void 0,!1)}t._onChange(a),n._onChange(r),Object.defineProperties(this,{position:{configurable:!0,enumerable:!0,value:e},rotation:{configurable:!0,enumerable:!0,value:t},quaternion:{configurable:!0,enumerable:!0,value:n},scale:{configurable:!0,enumerable:!0,value:s},modelViewMatrix:{value:new et},normalMatrix:{value:new Le}}),this.matrix=new et,this.matrixWorld=new et,this.matrixAutoUpdate=i.DEFAULT_MATRIX_AUTO_UPDATE,this.matrixWorldAutoUpdate=i.DEFAULT_MATRIX_WORLD_AUTO_UPDATE,this.matrixWorldNeedsUpdate=!1,this.layers=new Zi,this.visible=!0,this.castShadow=!1,this.receiveShadow=!1,this.frustumCulled=!0,this.renderOrder=0,this.animations=[],this.customDepthMaterial=void 0,this.customDistanceMaterial=void 0,this.static=!1,this.userData={},this.pivot=null}onBeforeShadow(){}onAfterShadow(){}onBeforeRender(){}onAfterRender(){}applyMatrix4(e){this.matrixAutoUpdate&&this.updateMatrix(),this.matrix.premultiply(e),this.matrix.decompose(this.position,this.quaternion,this.scale),this.pivot!==null&&this.position.copy(this.pivot).applyMatrix4(this.matrix).sub(this.pivot)}applyQuaternion(e){return this.quaternion.premultiply(e),this}setRotationFromAxisAngle(e,t){this.quaternion.setFromAxisAngle(e,t)}setRotationFromEuler(e){this.quaternion.setFromEuler(e,!0)}setRotationFromMatrix(e){this.quaternion.setFromRotationMatrix(e)}setRotationFromQuaternion(e){this.quaternion.copy(e)}rotateOnAxis(e,t){return Li.setFromAxisAngle(e,t),this.quaternion.multiply(Li),this}rotateOnWorldAxis(e,t){return Li.setFromAxisAngle(e,t),this.quaternion.premultiply(Li),this}rotateX(e){return this.rotateOnAxis(Kl,e)}rotateY(e){return this.rotateOnAxis(jl,e)}rotateZ(e){return this.rotateOnAxis(Ql,e)}translateOnAxis(e,t){return Jl.copy(e).applyQuaternion(this.quaternion),this.position.add(Jl.multiplyScalar(t)),this}translateX(e){return this.translateOnAxis(Kl,e)}translateY(e){return this.translateOnAxis(jl,e)}translateZ(e){return this.translateOnAxis(Ql,e)}localToWorld(e){return this.updateWorldMatrix(!0,!1),e.applyMatrix4(this.matrixWorld)}worldToLocal(e){return this.updateWorldMatrix(!0,!1),e.applyMatrix4(Tn.copy(this.matrixWorld).invert())}lookAt(e,t,n){e.isVector3?da.copy(e):da.set(e,t,n);let s=this.parent;this.updateWorldMatrix(!0,!1),_s.setFromMatrixPosition(this.matrixWorld),this.isCamera||this.isLight?Tn.lookAt(_s,da,this.up):Tn.lookAt(da,_s,this.up),this.quaternion.setFromRotationMatrix(Tn),s&&(Tn.extractRotation(s.matrixWorld),Li.setFromRotationMatrix(Tn),this.quaternion.premultiply(Li.invert()))}add(e){if(arguments.length>1){for(let t=0;t<arguments.length;t++)this.add(arguments[t]);return this}return e===this?(Ie("Object3D.add: object can't be added as a child of itself.",e),this):(e&&e.isObject3D?(e.removeFromParent(),e.parent=this,this.children.push(e),e.dispatchEvent(ed),Ni.child=e,this.dispatchEvent(Ni),Ni.child=null):Ie("Object3D.add: object not an instance of THREE.Object3D.",e),this)}remove(e){if(arguments.length>1){for(let n=0;n<arguments.length;n++)this.remove(arguments[n]);return this}let t=this.children.indexOf(e);return t!==-1&&(e.parent=null,this.children.splice(t,1),e.dispatchEvent(cu),Uo.child=e,this.dispatchEvent(Uo),Uo.child=null),this}removeFromParent(){let e=this.parent;return e!==null&&e.remove(this),this}clear(){return this.remove(...this.children)}attach(e){return this.updateWorldMatrix(!0,!1),Tn.copy(this.matrixWorld).invert(),e.parent!==null&&(e.parent.updateWorldMatrix(!0,!1),Tn.multiply(e.parent.matrixWorld)),e.applyMatrix4(Tn),e.removeFromParent(),e.parent=this,this.children.push(e),e.updateWorldMatrix(!1,!0),e.dispatchEvent(ed),Ni.child=e,this.dispatchEvent(Ni),Ni.child=null,this}getObjectById(e){return this.getObjectByProperty("id",e)}getObjectByName(e){return this.getObjectByProperty("name",e)}getObjectByProperty(e,t){if(this[e]===t)return this;for(let n=0,s=this.children.length;n<s;n++){let r=this.children[n].getObjectByProperty(e,t);if(r!==void 0)return r}}getObjectsByProperty(e,t,n=[]){this[e]===t&&n.push(this);let s=this.children;for(let a=0,r=s.length;a<r;a++)s[a].getObjectsByProperty(e,t,n);return n}getWorldPosition(e){return this.updateWorldMatrix(!0,!1),e.setFromMatrixPosition(this.matrixWorld)}getWorldQuaternion(e){return this.updateWorldMatrix(!0,!1),this.matrixWorld.decompose(_s,e,ru),e}getWorldScale(e){return this.updateWorldMatrix(!0,!1),this.matrixWorld.decompose(_s,ou,e),e}getWorldDirection(e){this.updateWorldMatrix(!0,!1);let t=this.matrixWorld.elements;return e.set(t[8],t[9],t[10]).normalize()}raycast(){}intersectsFrustum(){return!0}traverse(e){e(this);let t=this.children;for(let n=0,s=t.length;n<s;n++)t[n].traverse(e)}traverseVisible(e){if(this.visible===!1)return;e(this);let t=this.children;for(let n=0,s=t.length;n<s;n++)t[n].traverseVisible(e)}traverseAncestors(e){let t=this.parent;t!==null&&(e(t),t.traverseAncestors(e))}updateMatrix(){this.matrix.compose(this.position,this.quaternion,this.scale);let e=this.pivot;if(e!==null){let t=e.x,n=e.y,s=e.z,a=this.matrix.elements;a[12]+=t-a[0]*t-a[4]*n-a[8]*s,a[13]+=n-a[1]*t-a[5]*n-a[9]*s,a[14]+=s-a[2]*t-a[6]*n-a[10]*s}this.matrixWorldNeedsUpdate=!0}updateMatrixWorld(e){this.matrixAutoUpdate&&this.updateMatrix(),(this.matrixWorldNeedsUpdate||e)&&(this.matrixWorldAutoUpdate===!0&&(this.parent===null?this.matrixWorld.copy(this.matrix):this.matrixWorld.multiplyMatrices(this.parent.matrixWorld,this.matrix)),this.matrixWorldNeedsUpdate=!1,e=!0);let t=this.children;for(let n=0,s=t.length;n<s;n++)t[n].updateMatrixWorld(e)}updateWorldMatrix(e,t,n=!1){let s=this.parent;if(e===!0&&s!==null&&s.updateWorldMatrix(!0,!1),this.matrixAutoUpdate&&this.updateMatrix(),(this.matrixWorldNeedsUpdate||n)&&(this.matrixWorldAutoUpdate===!0&&(this.parent===null?this.matrixWorld.copy(this.matrix):this.matrixWorld.multiplyMatrices(this.parent.matrixWorld,this.matrix)),this.matrixWorldNeedsUpdate=!1,n=!0),t===!0){let a=this.children;for(let r=0,o=a.length;r<o;r++)a[r].updateWorldMatrix(!1,!0,n)}}toJSON(e){let t=e===void 0||typeof e=="string",n={};t&&(e={geometries:{},materials:{},textures:{},images:{},shapes:{},skeletons:{},animations:{},nodes:{}},n.metadata={version:4.7,type:"Object",generator:"Object3D.toJSON"});let s={};s.uuid=this.uuid,s.type=this.type,s.name=this.name,s.castShadow=this.castShadow,s.receiveShadow=this.receiveShadow,s.visible=this.visible,s.frustumCulled=this.frustumCulled,s.renderOrder=this.renderOrder,s.static=this.static,s.matrixAutoUpdate=this.matrixAutoUpdate,Object.keys(this.userData).length>0&&(s.userData=this.userData),s.layers=this.layers.mask,s.matrix=this.matrix.toArray(),s.up=this.up.toArray(),this.pivot!==null&&(s.pivot=this.pivot.toArray()),this.morphTargetDictionary!==void 0&&(s.morphTargetDictionary=Object.assign({},this.morphTargetDictionary)),this.morphTargetInfluences!==void 0&&(s.morphTargetInfluences=this.morphTargetInfluences.slice()),this.isInstancedMesh&&(s.type="InstancedMesh",s.count=this.count,s.instanceMatrix=this.instanceMatrix.toJSON(),this.instanceColor!==null&&(s.instanceColor=this.instanceColor.toJSON())),this.isBatchedMesh&&(s.type="BatchedMesh",s.perObjectFrustumCulled=this.perObjectFrustumCulled,s.sortObjects=this.sortObjects,s.drawRanges=this._drawRanges,s.reservedRanges=this._reservedRanges,s.geometryInfo=this._geometryInfo.map(o=>({...o,boundingBox:o.boundingBox?o.boundingBox.toJSON():void 0,boundingSphere:o.boundingSphere?o.boundingSphere.toJSON():void 0})),s.instanceInfo=this._instanceInfo.map(o=>({...o})),s.availableInstanceIds=this._availableInstanceIds.slice(),s.availableGeometryIds=this._availableGeometryIds.slice(),s.nextIndexStart=this._nextIndexStart,s.nextVertexStart=this._nextVertexStart,s.geometryCount=this._geometryCount,s.maxInstanceCount=this._maxInstanceCount,s.maxVertexCount=this._maxVertexCount,s.maxIndexCount=this._maxIndexCount,s.geometryInitialized=this._geometryInitialized,s.matricesTexture=this._matricesTexture.toJSON(e),s.indirectTexture=this._indirectTexture.toJSON(e),this._colorsTexture!==null&&(s.colorsTexture=this._colorsTexture.toJSON(e)),this.boundingSphere!==null&&(s.boundingSphere=this.boundingSphere.toJSON()),this.boundingBox!==null&&(s.boundingBox=this.boundingBox.toJSON()));function a(o,c){return o[c.uuid]===void 0&&(o[c.uuid]=c.toJSON(e)),c.uuid}if(this.isScene)this.background&&(this.background.isColor?s.background=this.background.toJSON():this.background.isTexture&&(s.background=this.background.toJSON(e).uuid)),this.environment&&this.environment.isTexture&&this.environment.isRenderTargetTexture!==!0&&(s.environment=this.environment.toJSON(e).uuid);else if(this.isMesh||this.isLine||this.isPoints){s.geometry=a(e.geometries,this.geometry);let o=this.geometry.parameters;if(o!==void 0&&o.shapes!==void 0){let c=o.shapes;if(Array.isArray(c))for(let l=0,d=c.length;l<d;l++){let h=c[l];a(e.shapes,h)}else a(e.shapes,c)}}if(this.isSkinnedMesh&&(s.bindMode=this.bindMode,s.bindMatrix=this.bindMatrix.toArray(),this.skeleton!==void 0&&(a(e.skeletons,this.skeleton),s.skeleton=this.skeleton.uuid)),this.material!==void 0)if(Array.isArray(this.material)){let o=[];for(let c=0,l=this.material.length;c<l;c++)o.push(a(e.materials,this.material[c]));s.material=o}else s.material=a(e.materials,this.material);if(this.children.length>0){s.children=[];for(let o=0;o<this.children.length;o++)s.children.push(this.children[o].toJSON(e).object)}if(this.animations.length>0){s.animations=[];for(let o=0;o<this.animations.length;o++){let c=this.animations[o];s.animations.push(a(e.animations,c))}}if(t){let o=r(e.geometries),c=r(e.materials),l=r(e.textures),d=r(e.images),h=r(e.shapes),f=r(e.skeletons),u=r(e.animations),b=r(e.nodes);o.length>0&&(n.geometries=o),c.length>0&&(n.materials=c),l.length>0&&(n.textures=l),d.length>0&&(n.images=d),h.length>0&&(n.shapes=h),f.length>0&&(n.skeletons=f),u.length>0&&(n.animations=u),b.length>0&&(n.nodes=b)}return n.object=s,n;function r(o){let c=[];for(let l in o){let d=o[l];delete d.metadata,c.push(d)}return c}}clone(e){return new this.constructor().copy(this,e)}copy(e,t=!0){if(this.name=e.name,this.up.copy(e.up),this.position.copy(e.position),this.rotation.order=e.rotation.order,this.quaternion.copy(e.quaternion),this.scale.copy(e.scale),this.pivot=e.pivot!==null?e.pivot.clone():null,this.matrix.copy(e.matrix),this.matrixWorld.copy(e.matrixWorld),this.matrixAutoUpdate=e.matrixAutoUpdate,this.matrixWorldAutoUpdate=e.matrixWorldAutoUpdate,this.matrixWorldNeedsUpdate=e.matrixWorldNeedsUpdate,this.layers.mask=e.layers.mask,this.visible=e.visible,this.castShadow=e.castShadow,this.receiveShadow=e.receiveShadow,this.frustumCulled=e.frustumCulled,this.renderOrder=e.renderOrder,this.static=e.static,this.animations=e.animations.slice(),this.userData=JSON.parse(JSON.stringify(e.userData)),t===!0)for(let n=0;n<e.children.length;n++){let s=e.children[n];this.add(s.clone())}return this}dispose(){this.dispatchEvent({type:"dispose"})}};At.DEFAULT_UP=new D(0,1,0);At.DEFAULT_MATRIX_AUTO_UPDATE=!0;At.DEFAULT_MATRIX_WORLD_AUTO_UPDATE=!0;var In=class extends At{constructor(){super(),this.isGroup=!0,this.type="Group"}},lu={type:"move"},Ji=class{constructor(){this._targetRay=null,this._grip=null,this._hand=null}getHandSpace(){return this._hand===null&&(this._hand=new In,this._hand.matrixAutoUpdate=!1,this._hand.visible=!1,this._hand.joints={},this._hand.inputState={pinching:!1}),this._hand}getTargetRaySpace(){return this._targetRay===null&&(this._targetRay=new In,this._targetRay.matrixAutoUpdate=!1,this._targetRay.visible=!1,this._targetRay.hasLinearVelocity=!1,this._targetRay.linearVelocity=new D,this._targetRay.hasAngularVelocity=!1,this._targetRay.angularVelocity=new D),this._targetRay}getGripSpace(){return this._grip===null&&(this._grip=new In,this._grip.matrixAutoUpdate=!1,this._grip.visible=!1,this._grip.hasLinearVelocity=!1,this._grip.linearVelocity=new D,this._grip.hasAngularVelocity=!1,this._grip.angularVelocity=new D,this._grip.eventsEnabled=!1),this._grip}dispatchEvent(e){return this._targetRay!==null&&this._targetRay.dispatchEvent(e),this._grip!==null&&this._grip.dispatchEvent(e),this._hand!==null&&this._hand.dispatchEvent(e),this}connect(e){if(e&&e.hand){let t=this._hand;if(t)for(let n of e.hand.values())this._getHandJoint(t,n)}return this.dispatchEvent({type:"connected",data:e}),this}disconnect(e){return this.dispatchEvent({type:"disconnected",data:e}),this._targetRay!==null&&(this._targetRay.visible=!1),this._grip!==null&&(this._grip.visible=!1),this._hand!==null&&(this._hand.visible=!1),this}update(e,t,n){let s=null,a=null,r=null,o=this._targetRay,c=this._grip,l=this._hand;if(e&&t.session.visibilityState!=="visible-blurred"){if(l&&e.hand){r=!0;for(let y of e.hand.values()){let p=t.getJointPose(y,n),m=this._getHandJoint(l,y);p!==null&&(m.matrix.fromArray(p.transform.matrix),m.matrix.decompose(m.position,m.quaternion,m.scale),m.matrixWorldNeedsUpdate=!0,m.jointRadius=p.radius),m.visible=p!==null}let d=l.joints["index-finger-tip"],h=l.joints["thumb-tip"],f=d.position.distanceTo(h.position),u=.02,b=.005;l.inputState.pinching&&f>u+b?(l.inputState.pinching=!1,this.dispatchEvent({type:"pinchend",handedness:e.handedness,target:this})):!l.inputState.pinching&&f<=u-b&&(l.inputState.pinching=!0,this.dispatchEvent({type:"pinchstart",handedness:e.handedness,target:this}))}else c!==null&&e.gripSpace&&(a=t.getPose(e.gripSpace,n),a!==null&&(c.matrix.fromArray(a.transform.matrix),c.matrix.decompose(c.position,c.quaternion,c.scale),c.matrixWorldNeedsUpdate=!0,a.linearVelocity?(c.hasLinearVelocity=!0,c.linearVelocity.copy(a.linearVelocity)):c.hasLinearVelocity=!1,a.angularVelocity?(c.hasAngularVelocity=!0,c.angularVelocity.copy(a.angularVelocity)):c.hasAngularVelocity=!1,c.eventsEnabled&&c.dispatchEvent({type:"gripUpdated",data:e,target:this})));o!==null&&(s=t.getPose(e.targetRaySpace,n),s===null&&a!==null&&(s=a),s!==null&&(o.matrix.fromArray(s.transform.matrix),o.matrix.decompose(o.position,o.quaternion,o.scale),o.matrixWorldNeedsUpdate=!0,s.linearVelocity?(o.hasLinearVelocity=!0,o.linearVelocity.copy(s.linearVelocity)):o.hasLinearVelocity=!1,s.angularVelocity?(o.hasAngularVelocity=!0,o.angularVelocity.copy(s.angularVelocity)):o.hasAngularVelocity=!1,this.dispatchEvent(lu)))}return o!==null&&(o.visible=s!==null),c!==null&&(c.visible=a!==null),l!==null&&(l.visible=r!==null),this}_getHandJoint(e,t){if(e.joints[t.jointName]===void 0){let n=new In;n.matrixAutoUpdate=!1,n.visible=!1,e.joints[t.jointName]=n,e.add(n)}return e.joints[t.jointName]}},of={aliceblue:15792383,antiquewhite:16444375,aqua:65535,aquamarine:8388564,azure:15794175,beige:16119260,bisque:16770244,black:0,blanchedalmond:16772045,blue:255,blueviolet:9055202,brown:10824234,burlywood:14596231,cadetblue:6266528,chartreuse:8388352,chocolate:13789470,coral:16744272,cornflowerblue:6591981,cornsilk:16775388,crimson:14423100,cyan:65535,darkblue:139,darkcyan:35723,darkgoldenrod:12092939,darkgray:11119017,darkgreen:25600,darkgrey:11119017,darkkhaki:12433259,darkmagenta:9109643,darkolivegreen:5597999,darkorange:16747520,darkorchid:10040012,darkred:9109504,darksalmon:15308410,darkseagreen:9419919,darkslateblue:4734347,darkslategray:3100495,darkslategrey:3100495,darkturquoise:52945,darkviolet:9699539,deeppink:16716947,deepskyblue:49151,dimgray:6908265,dimgrey:6908265,dodgerblue:2003199,firebrick:11674146,floralwhite:16775920,forestgreen:2263842,fuchsia:16711935,gainsboro:14474460,ghostwhite:16316671,gold:16766720,goldenrod:14329120,gray:8421504,green:32768,greenyellow:11403055,grey:8421504,honeydew:15794160,hotpink:16738740,indianred:13458524,indigo:4915330,ivory:16777200,khaki:15787660,lavender:15132410,lavenderblush:16773365,lawngreen:8190976,lemonchiffon:16775885,lightblue:11393254,lightcoral:15761536,lightcyan:14745599,lightgoldenrodyellow:16448210,lightgray:13882323,lightgreen:9498256,lightgrey:13882323,lightpink:16758465,lightsalmon:16752762,lightseagreen:2142890,lightskyblue:8900346,lightslategray:7833753,lightslategrey:7833753,lightsteelblue:11584734,lightyellow:16777184,lime:65280,limegreen:3329330,linen:16445670,magenta:16711935,maroon:8388608,mediumaquamarine:6737322,mediumblue:205,mediumorchid:12211667,mediumpurple:9662683,mediumseagreen:3978097,mediumslateblue:8087790,mediumspringgreen:64154,mediumturquoise:4772300,mediumvioletred:13047173,midnightblue:1644912,mintcream:16121850,mistyrose:16770273,moccasin:16770229,navajowhite:16768685,navy:128,oldlace:16643558,olive:8421376,olivedrab:7048739,orange:16753920,orangered:16729344,orchid:14315734,palegoldenrod:15657130,palegreen:10025880,paleturquoise:11529966,palevioletred:14381203,papayawhip:16773077,peachpuff:16767673,peru:13468991,pink:16761035,plum:14524637,powderblue:11591910,purple:8388736,rebeccapurple:6697881,red:16711680,rosybrown:12357519,royalblue:4286945,saddlebrown:9127187,salmon:16416882,sandybrown:16032864,seagreen:3050327,seashell:16774638,sienna:10506797,silver:12632256,skyblue:8900331,slateblue:6970061,slategray:7372944,slategrey:7372944,snow:16775930,springgreen:65407,steelblue:4620980,tan:13808780,teal:32896,thistle:14204888,tomato:16737095,turquoise:4251856,violet:15631086,wheat:16113331,white:16777215,whitesmoke:16119285,yellow:16776960,yellowgreen:10145074},Jn={h:0,s:0,l:0},fa={h:0,s:0,l:0};function Oo(i,e,t){return t<0&&(t+=1),t>1&&(t-=1),t<1/6?i+(e-i)*6*t:t<1/2?e:t<2/3?i+(e-i)*6*(2/3-t):i}var Ge=class{constructor(e,t,n){return this.isColor=!0,this.r=1,this.g=1,this.b=1,this.set(e,t,n)}set(e,t,n){if(t===void 0&&n===void 0){let s=e;s&&s.isColor?this.copy(s):typeof s=="number"?this.setHex(s):typeof s=="string"&&this.setStyle(s)}else this.setRGB(e,t,n);return this}setScalar(e){return this.r=e,this.g=e,this.b=e,this}setHex(e,t=Xt){return e=Math.floor(e),this.r=(e>>16&255)/255,this.g=(e>>8&255)/255,this.b=(e&255)/255,ke.colorSpaceToWorking(this,t),this}setRGB(e,t,n,s=ke.workingColorSpace){return this.r=e,this.g=t,this.b=n,ke.colorSpaceToWorking(this,s),this}setHSL(e,t,n,s=ke.workingColorSpace){if(e=Nc(e,1),t=Ve(t,0,1),n=Ve(n,0,1),t===0)this.r=this.g=this.b=n;else{let a=n<=.5?n*(1+t):n+t-n*t,r=2*n-a;this.r=Oo(r,a,e+1/3),this.g=Oo(r,a,e),this.b=Oo(r,a,e-1/3)}return ke.colorSpaceToWorking(this,s),this}setStyle(e,t=Xt){function n(a){a!==void 0&&parseFloat(a)<1&&Te("Color: Alpha component of "+e+" will be ignored.")}let s;if(s=/^(\w+)\(([^\)]*)\)/.exec(e)){let a,r=s[1],o=s[2];switch(r){case"rgb":case"rgba":if(a=/^\s*(\d+)\s*,\s*(\d+)\s*,\s*(\d+)\s*(?:,\s*(\d+(?:\.\d+)?|\.\d+)\s*)?$/.exec(o))return n(a[4]),this.setRGB(Math.min(255,parseInt(a[1],10))/255,Math.min(255,parseInt(a[2],10))/255,Math.min(255,parseInt(a[3],10))/255,t);if(a=/^\s*(\d+(?:\.\d+)?|\.\d+)\%\s*,\s*(\d+(?:\.\d+)?|\.\d+)\%\s*,\s*(\d+(?:\.\d+)?|\.\d+)\%\s*(?:,\s*(\d+(?:\.\d+)?|\.\d+)\s*)?$/.exec(o))return n(a[4]),this.setRGB(Math.min(100,parseFloat(a[1]))/100,Math.min(100,parseFloat(a[2]))/100,Math.min(100,parseFloat(a[3]))/100,t);break;case"hsl":case"hsla":if(a=/^\s*([+-]?(?:\d+(?:\.\d+)?|\.\d+))\s*,\s*(\d+(?:\.\d+)?|\.\d+)\%\s*,\s*(\d+(?:\.\d+)?|\.\d+)\%\s*(?:,\s*(\d+(?:\.\d+)?|\.\d+)\s*)?$/.exec(o))return n(a[4]),this.setHSL(parseFloat(a[1])/360,parseFloat(a[2])/100,parseFloat(a[3])/100,t);break;default:Te("Color: Unknown color model "+e)}}else if(s=/^\#([A-Fa-f\d]+)$/.exec(e)){let a=s[1],r=a.length;if(r===3)return this.setRGB(parseInt(a.charAt(0),16)/15,parseInt(a.charAt(1),16)/15,parseInt(a.charAt(2),16)/15,t);if(r===6)return this.setHex(parseInt(a,16),t);Te("Color: Invalid hex color "+e)}else if(e&&e.length>0)return this.setColorName(e,t);return this}setColorName(e,t=Xt){let n=of[e.toLowerCase()];return n!==void 0?this.setHex(n,t):Te("Color: Unknown color "+e),this}clone(){return new this.constructor(this.r,this.g,this.b)}copy(e){return this.r=e.r,this.g=e.g,this.b=e.b,this}copySRGBToLinear(e){return this.r=Ln(e.r),this.g=Ln(e.g),this.b=Ln(e.b),this}copyLinearToSRGB(e){return this.r=Hi(e.r),this.g=Hi(e.g),this.b=Hi(e.b),this}convertSRGBToLinear(){return this.copySRGBToLinear(this),this}convertLinearToSRGB(){return this.copyLinearToSRGB(this),this}getHex(e=Xt){return ke.workingToColorSpace(It.copy(this),e),Math.round(Ve(It.r*255,0,255))*65536+Math.round(Ve(It.g*255,0,255))*256+Math.round(Ve(It.b*255,0,255))}getHexString(e=Xt){return("000000"+this.getHex(e).toString(16)).slice(-6)}getHSL(e,t=ke.workingColorSpace){ke.workingToColorSpace(It.copy(this),t);let n=It.r,s=It.g,a=It.b,r=Math.max(n,s,a),o=Math.min(n,s,a),c,l,d=(o+r)/2;if(o===r)c=0,l=0;else{let h=r-o;switch(l=d<=.5?h/(r+o):h/(2-r-o),r){case n:c=(s-a)/h+(s<a?6:0);break;case s:c=(a-n)/h+2;break;case a:c=(n-s)/h+4;break}c/=6}return e.h=c,e.s=l,e.l=d,e}getRGB(e,t=ke.workingColorSpace){return ke.workingToColorSpace(It.copy(this),t),e.r=It.r,e.g=It.g,e.b=It.b,e}getStyle(e=Xt){ke.workingToColorSpace(It.copy(this),e);let t=It.r,n=It.g,s=It.b;return e!==Xt?`color(${e} ${t.toFixed(3)} ${n.toFixed(3)} ${s.toFixed(3)})`:`rgb(${Math.round(t*255)},${Math.round(n*255)},${Math.round(s*255)})`}offsetHSL(e,t,n){return this.getHSL(Jn),this.setHSL(Jn.h+e,Jn.s+t,Jn.l+n)}add(e){return this.r+=e.r,this.g+=e.g,this.b+=e.b,this}addColors(e,t){return this.r=e.r+t.r,this.g=e.g+t.g,this.b=e.b+t.b,this}addScalar(e){return this.r+=e,this.g+=e,this.b+=e,this}sub(e){return this.r=Math.max(0,this.r-e.r),this.g=Math.max(0,this.g-e.g),this.b=Math.max(0,this.b-e.b),this}multiply(e){return this.r*=e.r,this.g*=e.g,this.b*=e.b,this}multiplyScalar(e){return this.r*=e,this.g*=e,this.b*=e,this}lerp(e,t){return this.r+=(e.r-this.r)*t,this.g+=(e.g-this.g)*t,this.b+=(e.b-this.b)*t,this}lerpColors(e,t,n){return this.r=e.r+(t.r-e.r)*n,this.g=e.g+(t.g-e.g)*n,this.b=e.b+(t.b-e.b)*n,this}lerpHSL(e,t){this.getHSL(Jn),e.getHSL(fa);let n=Es(Jn.h,fa.h,t),s=Es(Jn.s,fa.s,t),a=Es(Jn.l,fa.l,t);return this.setHSL(n,s,a),this}setFromVector3(e){return this.r=e.x,this.g=e.y,this.b=e.z,this}applyMatrix3(e){let t=this.r,n=this.g,s=this.b,a=e.elements;return this.r=a[0]*t+a[3]*n+a[6]*s,this.g=a[1]*t+a[4]*n+a[7]*s,this.b=a[2]*t+a[5]*n+a[8]*s,this}equals(e){return e.r===this.r&&e.g===this.g&&e.b===this.b}fromArray(e,t=0){return this.r=e[t],this.g=e[t+1],this.b=e[t+2],this}toArray(e=[],t=0){return e[t]=this.r,e[t+1]=this.g,e[t+2]=this.b,e}fromBufferAttribute(e,t){return this.r=e.getX(t),this.g=e.getY(t),this.b=e.getZ(t),this}toJSON(){return this.getHex()}*[Symbol.iterator](){yield this.r,yield this.g,yield this.b}},It=new Ge;Ge.NAMES=of;var Ps=class extends At{constructor(){super(),this.isScene=!0,this.type="Scene",this.background=null,this.environment=null,this.fog=null,this.backgroundBlurriness=0,this.backgroundIntensity=1,this.backgroundRotation=new Dn,this.environmentIntensity=1,this.environmentRotation=new Dn,this.overrideMaterial=null,typeof __THREE_DEVTOOLS__<"u"&&__THREE_DEVTOOLS__.dispatchEvent(new CustomEvent("observe",{detail:this}))}copy(e,t){return super.copy(e,t),this.background=e.background!==null?e.background.clone():null,this.environment=e.environment!==null?e.environment.clone():null,this.fog=e.fog!==null?e.fog.clone():null,this.backgroundBlurriness=e.backgroundBlurriness,this.backgroundIntensity=e.backgroundIntensity,this.backgroundRotation.copy(e.backgroundRotation),this.environmentIntensity=e.environmentIntensity,this.environmentRotation.copy(e.environmentRotation),this.overrideMaterial=e.overrideMaterial!==null?e.overrideMaterial.clone():null,this.matrixAutoUpdate=e.matrixAutoUpdate,this}toJSON(e){let t=super.toJSON(e);return this.fog!==null&&(t.object.fog=this.fog.toJSON()),t.object.backgroundBlurriness=this.backgroundBlurriness,t.object.backgroundIntensity=this.backgroundIntensity,t.object.backgroundRotation=this.backgroundRotation.toArray(),t.object.environmentIntensity=this.environmentIntensity,t.object.environmentRotation=this.environmentRotation.toArray(),t}},on=new D,An=new D,Fo=new D,Cn=new D,Di=new D,Ui=new D,td=new D,Bo=new D,zo=new D,ko=new D,Vo=new ot,Go=new ot,Ho=new ot,ei=class i{constructor(e=new D,t=new D,n=new D){this.a=e,this.b=t,this.c=n}static getNormal(e,t,n,s){s.subVectors(n,t),on.subVectors(e,t),s.cross(on);let a=s.lengthSq();return a>0?s.multiplyScalar(1/Math.sqrt(a)):s.set(0,0,0)}static getBarycoord(e,t,n,s,a){on.subVectors(s,t),An.subVectors(n,t),Fo.subVectors(e,t);let r=on.dot(on),o=on.dot(An),c=on.dot(Fo),l=An.dot(An),d=An.dot(Fo),h=r*l-o*o;if(h===0)return a.set(0,0,0),null;let f=1/h,u=(l*c-o*d)*f,b=(r*d-o*c)*f;return a.set(1-u-b,b,u)}static containsPoint(e,t,n,s){return this.getBarycoord(e,t,n,s,Cn)===null?!1:Cn.x>=0&&Cn.y>=0&&Cn.x+Cn.y<=1}static getInterpolation(e,t,n,s,a,r,o,c){return this.getBarycoord(e,t,n,s,Cn)===null?(c.x=0,c.y=0,"z"in c&&(c.z=0),"w"in c&&(c.w=0),null):(c.setScalar(0),c.addScaledVector(a,Cn.x),c.addScaledVector(r,Cn.y),c.addScaledVector(o,Cn.z),c)}static getInterpolatedAttribute(e,t,n,s,a,r){return Vo.setScalar(0),Go.setScalar(0),Ho.setScalar(0),Vo.fromBufferAttribute(e,t),Go.fromBufferAttribute(e,n),Ho.fromBufferAttribute(e,s),r.setScalar(0),r.addScaledVector(Vo,a.x),r.addScaledVector(Go,a.y),r.addScaledVector(Ho,a.z),r}static isFrontFacing(e,t,n,s){return on.subVectors(n,t),An.subVectors(e,t),on.cross(An).dot(s)<0}set(e,t,n){return this.a.copy(e),this.b.copy(t),this.c.copy(n),this}setFromPointsAndIndices(e,t,n,s){return this.a.copy(e[t]),this.b.copy(e[n]),this.c.copy(e[s]),this}setFromAttributeAndIndices(e,t,n,s){return this.a.fromBufferAttribute(e,t),this.b.fromBufferAttribute(e,n),this.c.fromBufferAttribute(e,s),this}clone(){return new this.constructor().copy(this)}copy(e){return this.a.copy(e.a),this.b.copy(e.b),this.c.copy(e.c),this}getArea(){return on.subVectors(this.c,this.b),An.subVectors(this.a,this.b),on.cross(An).length()*.5}getMidpoint(e){return e.addVectors(this.a,this.b).add(this.c).multiplyScalar(1/3)}getNormal(e){return i.getNormal(this.a,this.b,this.c,e)}getPlane(e){return e.setFromCoplanarPoints(this.a,this.b,this.c)}getBarycoord(e,t){return i.getBarycoord(e,this.a,this.b,this.c,t)}getInterpolation(e,t,n,s,a){return i.getInterpolation(e,this.a,this.b,this.c,t,n,s,a)}containsPoint(e){return i.containsPoint(e,this.a,this.b,this.c)}isFrontFacing(e){return i.isFrontFacing(this.a,this.b,this.c,e)}intersectsBox(e){return e.intersectsTriangle(this)}closestPointToPoint(e,t){let n=this.a,s=this.b,a=this.c,r,o;Di.subVectors(s,n),Ui.subVectors(a,n),Bo.subVectors(e,n);let c=Di.dot(Bo),l=Ui.dot(Bo);if(c<=0&&l<=0)return t.copy(n);zo.subVectors(e,s);let d=Di.dot(zo),h=Ui.dot(zo);if(d>=0&&h<=d)return t.copy(s);let f=c*h-d*l;if(f<=0&&c>=0&&d<=0&&c-d>0)return r=c/(c-d),t.copy(n).addScaledVector(Di,r);ko.subVectors(e,a);let u=Di.dot(ko),b=Ui.dot(ko);if(b>=0&&u<=b)return t.copy(a);let y=u*l-c*b;if(y<=0&&l>=0&&b<=0)return o=l/(l-b),t.copy(n).addScaledVector(Ui,o);let p=d*b-u*h;if(p<=0&&h-d>=0&&u-b>=0)return td.subVectors(a,s),o=(h-d)/(h-d+(u-b)),t.copy(s).addScaledVector(td,o);let m=1/(p+y+f);return r=y*m,o=f*m,t.copy(n).addScaledVector(Di,r).addScaledVector(Ui,o)}equals(e){return e.a.equals(this.a)&&e.b.equals(this.b)&&e.c.equals(this.c)}},ti=class{constructor(e=new D(1/0,1/0,1/0),t=new D(-1/0,-1/0,-1/0)){this.isBox3=!0,this.min=e,this.max=t}set(e,t){return this.min.copy(e),this.max.copy(t),this}setFromArray(e){this.makeEmpty();for(let t=0,n=e.length;t<n;t+=3)this.expandByPoint(cn.fromArray(e,t));return this}setFromBufferAttribute(e){this.makeEmpty();for(let t=0,n=e.count;t<n;t++)this.expandByPoint(cn.fromBufferAttribute(e,t));return this}setFromPoints(e){this.makeEmpty();for(let t=0,n=e.length;t<n;t++)this.expandByPoint(e[t]);return this}setFromCenterAndSize(e,t){let n=cn.copy(t).multiplyScalar(.5);return this.min.copy(e).sub(n),this.max.copy(e).add(n),this}setFromObject(e,t=!1){return this.makeEmpty(),this.expandByObject(e,t)}clone(){return new this.constructor().copy(this)}copy(e){return this.min.copy(e.min),this.max.copy(e.max),this}makeEmpty(){return this.min.x=this.min.y=this.min.z=1/0,this.max.x=this.max.y=this.max.z=-1/0,this}isEmpty(){return this.max.x<this.min.x||this.max.y<this.min.y||this.max.z<this.min.z}getCenter(e){return this.isEmpty()?e.set(0,0,0):e.addVectors(this.min,this.max).multiplyScalar(.5)}getSize(e){return this.isEmpty()?e.set(0,0,0):e.subVectors(this.max,this.min)}expandByPoint(e){return this.min.min(e),this.max.max(e),this}expandByVector(e){return this.min.sub(e),this.max.add(e),this}expandByScalar(e){return this.min.addScalar(-e),this.max.addScalar(e),this}expandByObject(e,t=!1){e.updateWorldMatrix(!1,!1);let n=e.geometry;if(n!==void 0){let a=n.getAttribute("position");if(t===!0&&a!==void 0&&e.isInstancedMesh!==!0&&e.isBatchedMesh!==!0)for(let r=0,o=a.count;r<o;r++)e.isMesh===!0?e.getVertexPosition(r,cn):cn.fromBufferAttribute(a,r),cn.applyMatrix4(e.matrixWorld),this.expandByPoint(cn);else e.boundingBox!==void 0?(e.boundingBox===null&&e.computeBoundingBox(),ha.copy(e.boundingBox)):(n.boundingBox===null&&n.computeBoundingBox(),ha.copy(n.boundingBox)),ha.applyMatrix4(e.matrixWorld),this.union(ha)}let s=e.children;for(let a=0,r=s.length;a<r;a++)this.expandByObject(s[a],t);return this}containsPoint(e){return e.x>=this.min.x&&e.x<=this.max.x&&e.y>=this.min.y&&e.y<=this.max.y&&e.z>=this.min.z&&e.z<=this.max.z}containsBox(e){return this.min.x<=e.min.x&&e.max.x<=this.max.x&&this.min.y<=e.min.y&&e.max.y<=this.max.y&&this.min.z<=e.min.z&&e.max.z<=this.max.z}getParameter(e,t){return t.set((e.x-this.min.x)/(this.max.x-this.min.x),(e.y-this.min.y)/(this.max.y-this.min.y),(e.z-this.min.z)/(this.max.z-this.min.z))}intersectsBox(e){return e.max.x>=this.min.x&&e.min.x<=this.max.x&&e.max.y>=this.min.y&&e.min.y<=this.max.y&&e.max.z>=this.min.z&&e.min.z<=this.max.z}intersectsSphere(e){return this.clampPoint(e.center,cn),cn.distanceToSquared(e.center)<=e.radius*e.radius}intersectsPlane(e){let t,n;return e.normal.x>0?(t=e.normal.x*this.min.x,n=e.normal.x*this.max.x):(t=e.normal.x*this.max.x,n=e.normal.x*this.min.x),e.normal.y>0?(t+=e.normal.y*this.min.y,n+=e.normal.y*this.max.y):(t+=e.normal.y*this.max.y,n+=e.normal.y*this.min.y),e.normal.z>0?(t+=e.normal.z*this.min.z,n+=e.normal.z*this.max.z):(t+=e.normal.z*this.max.z,n+=e.normal.z*this.min.z),t<=-e.constant&&n>=-e.constant}intersectsTriangle(e){if(this.isEmpty())return!1;this.getCenter(xs),ua.subVectors(this.max,xs),Oi.subVectors(e.a,xs),Fi.subVectors(e.b,xs),Bi.subVectors(e.c,xs),Kn.subVectors(Fi,Oi),jn.subVectors(Bi,Fi),bi.subVectors(Oi,Bi);let t=[0,-Kn.z,Kn.y,0,-jn.z,jn.y,0,-bi.z,bi.y,Kn.z,0,-Kn.x,jn.z,0,-jn.x,bi.z,0,-bi.x,-Kn.y,Kn.x,0,-jn.y,jn.x,0,-bi.y,bi.x,0];return!Wo(t,Oi,Fi,Bi,ua)||(t=[1,0,0,0,1,0,0,0,1],!Wo(t,Oi,Fi,Bi,ua))?!1:(pa.crossVectors(Kn,jn),t=[pa.x,pa.y,pa.z],Wo(t,Oi,Fi,Bi,ua))}clampPoint(e,t){return t.copy(e).clamp(this.min,this.max)}distanceToPoint(e){return this.clampPoint(e,cn).distanceTo(e)}getBoundingSphere(e){return this.isEmpty()?e.makeEmpty():(this.getCenter(e.center),e.radius=this.getSize(cn).length()*.5),e}intersect(e){return this.min.max(e.min),this.max.min(e.max),this.isEmpty()&&this.makeEmpty(),this}union(e){return this.min.min(e.min),this.max.max(e.max),this}applyMatrix4(e){return this.isEmpty()?this:(Rn[0].set(this.min.x,this.min.y,this.min.z).applyMatrix4(e),Rn[1].set(this.min.x,this.min.y,this.max.z).applyMatrix4(e),Rn[2].set(this.min.x,this.max.y,this.min.z).applyMatrix4(e),Rn[3].set(this.min.x,this.max.y,this.max.z).applyMatrix4(e),Rn[4].set(this.max.x,this.min.y,this.min.z).applyMatrix4(e),Rn[5].set(this.max.x,this.min.y,this.max.z).applyMatrix4(e),Rn[6].set(this.max.x,this.max.y,this.min.z).applyMatrix4(e),Rn[7].set(this.max.x,this.max.y,this.max.z).applyMatrix4(e),this.setFromPoints(Rn),this)}translate(e){return this.min.add(e),this.max.add(e),this}equals(e){return e.min.equals(this.min)&&e.max.equals(this.max)}toJSON(){return{min:this.min.toArray(),max:this.max.toArray()}}fromJSON(e){return this.min.fromArray(e.min),this.max.fromArray(e.max),this}},Rn=[new D,new D,new D,new D,new D,new D,new D,new D],cn=new D,ha=new ti,Oi=new D,Fi=new D,Bi=new D,Kn=new D,jn=new D,bi=new D,xs=new D,ua=new D,pa=new D,gi=new D;function Wo(i,e,t,n,s){for(let a=0,r=i.length-3;a<=r;a+=3){gi.fromArray(i,a);let o=s.x*Math.abs(gi.x)+s.y*Math.abs(gi.y)+s.z*Math.abs(gi.z),c=e.dot(gi),l=t.dot(gi),d=n.dot(gi);if(Math.max(-Math.max(c,l,d),Math.min(c,l,d))>o)return!1}return!0}var pt=new D,ma=new Re,du=0,dt=class extends ln{constructor(e,t,n=!1){if(super(),Array.isArray(e))throw new TypeError("THREE.BufferAttribute: array should be a Typed Array.");this.isBufferAttribute=!0,Object.defineProperty(this,"id",{value:du++}),this.name="",this.array=e,this.itemSize=t,this.count=e!==void 0?e.length/t:0,this.normalized=n,this.usage=Qd,this.updateRanges=[],this.gpuType=fn,this.version=0,this._normalizationScale=e!==void 0?Uc(e):void 0}onUploadCallback(){}set needsUpdate(e){e===!0&&this.version++}setUsage(e){return this.usage=e,this}addUpdateRange(e,t){this.updateRanges.push({start:e,count:t})}clearUpdateRanges(){this.updateRanges.length=0}copy(e){return this.name=e.name,this.array=new e.array.constructor(e.array),this.itemSize=e.itemSize,this.count=e.count,this.normalized=e.normalized,this.usage=e.usage,this.gpuType=e.gpuType,this._normalizationScale=e._normalizationScale,this}copyAt(e,t,n){e*=this.itemSize,n*=t.itemSize;for(let s=0,a=this.itemSize;s<a;s++)this.array[e+s]=t.array[n+s];return this}copyArray(e){return this.array.set(e),this}applyMatrix3(e){if(this.itemSize===2)for(let t=0,n=this.count;t<n;t++)ma.fromBufferAttribute(this,t),ma.applyMatrix3(e),this.setXY(t,ma.x,ma.y);else if(this.itemSize===3)for(let t=0,n=this.count;t<n;t++)pt.fromBufferAttribute(this,t),pt.applyMatrix3(e),this.setXYZ(t,pt.x,pt.y,pt.z);return this}applyMatrix4(e){for(let t=0,n=this.count;t<n;t++)pt.fromBufferAttribute(this,t),pt.applyMatrix4(e),this.setXYZ(t,pt.x,pt.y,pt.z);return this}applyNormalMatrix(e){for(let t=0,n=this.count;t<n;t++)pt.fromBufferAttribute(this,t),pt.applyNormalMatrix(e),this.setXYZ(t,pt.x,pt.y,pt.z);return this}transformDirection(e){for(let t=0,n=this.count;t<n;t++)pt.fromBufferAttribute(this,t),pt.transformDirection(e),this.setXYZ(t,pt.x,pt.y,pt.z);return this}set(e,t=0){return this.array.set(e,t),this}getComponent(e,t){let n=this.array[e*this.itemSize+t];return this.normalized&&(n=this._denormalize(n)),n}setComponent(e,t,n){return this.normalized&&(n=this._normalize(n)),this.array[e*this.itemSize+t]=n,this}getX(e){let t=this.array[e*this.itemSize];return this.normalized&&(t=this._denormalize(t)),t}setX(e,t){return this.normalized&&(t=this._normalize(t)),this.array[e*this.itemSize]=t,this}getY(e){let t=this.array[e*this.itemSize+1];return this.normalized&&(t=this._denormalize(t)),t}setY(e,t){return this.normalized&&(t=this._normalize(t)),this.array[e*this.itemSize+1]=t,this}getZ(e){let t=this.array[e*this.itemSize+2];return this.normalized&&(t=this._denormalize(t)),t}setZ(e,t){return this.normalized&&(t=this._normalize(t)),this.array[e*this.itemSize+2]=t,this}getW(e){let t=this.array[e*this.itemSize+3];return this.normalized&&(t=this._denormalize(t)),t}setW(e,t){return this.normalized&&(t=this._normalize(t)),this.array[e*this.itemSize+3]=t,this}setXY(e,t,n){return e*=this.itemSize,this.normalized&&(t=this._normalize(t),n=this._normalize(n)),this.array[e+0]=t,this.array[e+1]=n,this}setXYZ(e,t,n,s){return e*=this.itemSize,this.normalized&&(t=this._normalize(t),n=this._normalize(n),s=this._normalize(s)),this.array[e+0]=t,this.array[e+1]=n,this.array[e+2]=s,this}setXYZW(e,t,n,s,a){return e*=this.itemSize,this.normalized&&(t=this._normalize(t),n=this._normalize(n),s=this._normalize(s),a=this._normalize(a)),this.array[e+0]=t,this.array[e+1]=n,this.array[e+2]=s,this.array[e+3]=a,this}onUpload(e){return this.onUploadCallback=e,this}clone(){return new this.constructor(this.array,this.itemSize).copy(this)}toJSON(){let e={itemSize:this.itemSize,type:this.array.constructor.name,array:Array.from(this.array),normalized:this.normalized};return e.name=this.name,e.usage=this.usage,e.gpuType=this.gpuType,e}dispose(){this.dispatchEvent({type:"dispose"})}_denormalize(e){let t=this._normalizationScale;return t!==void 0?Math.max(e/t,-1):af(e,this.array)}_normalize(e){let t=this._normalizationScale;return t!==void 0?Math.round(e*t):rf(e,this.array)}};var Is=class extends dt{constructor(e,t,n){super(new Uint16Array(e),t,n)}};var Ls=class extends dt{constructor(e,t,n){super(new Uint32Array(e),t,n)}};var Ft=class extends dt{constructor(e,t,n){super(new Float32Array(e),t,n)}},fu=new ti,ys=new D,Xo=new D,ni=class{constructor(e=new D,t=-1){this.isSphere=!0,this.center=e,this.radius=t}set(e,t){return this.center.copy(e),this.radius=t,this}setFromPoints(e,t){let n=this.center;t!==void 0?n.copy(t):fu.setFromPoints(e).getCenter(n);let s=0;for(let a=0,r=e.length;a<r;a++)s=Math.max(s,n.distanceToSquared(e[a]));return this.radius=Math.sqrt(s),this}copy(e){return this.center.copy(e.center),this.radius=e.radius,this}isEmpty(){return this.radius<0}makeEmpty(){return this.center.set(0,0,0),this.radius=-1,this}containsPoint(e){return e.distanceToSquared(this.center)<=this.radius*this.radius}distanceToPoint(e){return e.distanceTo(this.center)-this.radius}intersectsSphere(e){let t=this.radius+e.radius;return e.center.distanceToSquared(this.center)<=t*t}intersectsBox(e){return e.intersectsSphere(this)}intersectsPlane(e){return Math.abs(e.distanceToPoint(this.center))<=this.radius}clampPoint(e,t){let n=this.center.distanceToSquared(e);return t.copy(e),n>this.radius*this.radius&&(t.sub(this.center).normalize(),t.multiplyScalar(this.radius).add(this.center)),t}getBoundingBox(e){return this.isEmpty()?(e.makeEmpty(),e):(e.set(this.center,this.center),e.expandByScalar(this.radius),e)}applyMatrix4(e){return this.center.applyMatrix4(e),this.radius=this.radius*e.getMaxScaleOnAxis(),this}translate(e){return this.center.add(e),this}expandByPoint(e){if(this.isEmpty())return this.center.copy(e),this.radius=0,this;ys.subVectors(e,this.center);let t=ys.lengthSq();if(t>this.radius*this.radius){let n=Math.sqrt(t),s=(n-this.radius)*.5;this.center.addScaledVector(ys,s/n),this.radius+=s}return this}union(e){return e.isEmpty()?this:this.isEmpty()?(this.copy(e),this):(this.center.equals(e.center)===!0?this.radius=Math.max(this.radius,e.radius):(Xo.subVectors(e.center,this.center).setLength(e.radius),this.expandByPoint(ys.copy(e.center).add(Xo)),this.expandByPoint(ys.copy(e.center).sub(Xo))),this)}equals(e){return e.center.equals(this.center)&&e.radius===this.radius}clone(){return new this.constructor().copy(this)}toJSON(){return{radius:this.radius,center:this.center.toArray()}}fromJSON(e){return this.radius=e.radius,this.center.fromArray(e.center),this}},hu=0,nn=new et,qo=new At,zi=new D,Wt=new ti,vs=new ti,St=new D,zt=class i extends ln{constructor(){super(),this.isBufferGeometry=!0,Object.defineProperty(this,"id",{value:hu++}),this.uuid=ls(),this.name="",this.type="BufferGeometry",this.index=null,this.indirect=null,this.indirectOffset=0,this.attributes={},this.morphAttributes={},this.morphTargetsRelative=!1,this.groups=[],this.boundingBox=null,this.boundingSphere=null,this.drawRange={start:0,count:1/0},this.userData={},this._transformed=!1}getIndex(){return this.index}setIndex(e){return Array.isArray(e)?this.index=new(Fh(e)?Ls:Is)(e,1):this.index=e,this}setIndirect(e,t=0){return this.indirect=e,this.indirectOffset=t,this}getIndirect(){return this.indirect}getAttribute(e){return this.attributes[e]}setAttribute(e,t){return this.attributes[e]=t,this}deleteAttribute(e){return delete this.attributes[e],this}hasAttribute(e){return this.attributes[e]!==void 0}addGroup(e,t,n=0){this.groups.push({start:e,count:t,materialIndex:n})}clearGroups(){this.groups=[]}setDrawRange(e,t){this.drawRange.start=e,this.drawRange.count=t}applyMatrix4(e){let t=this.attributes.position;t!==void 0&&(t.applyMatrix4(e),t.needsUpdate=!0);let n=this.attributes.normal;if(n!==void 0){let a=new Le().getNormalMatrix(e);n.applyNormalMatrix(a),n.needsUpdate=!0}let s=this.attributes.tangent;return s!==void 0&&(s.transformDirection(e),s.needsUpdate=!0),this.boundingBox!==null&&this.computeBoundingBox(),this.boundingSphere!==null&&this.computeBoundingSphere(),this._transformed=!0,this}applyQuaternion(e){return nn.makeRotationFromQuaternion(e),this.applyMatrix4(nn),this}rotateX(e){return nn.makeRotationX(e),this.applyMatrix4(nn),this}rotateY(e){return nn.makeRotationY(e),this.applyMatrix4(nn),this}rotateZ(e){return nn.makeRotationZ(e),this.applyMatrix4(nn),this}translate(e,t,n){return nn.makeTranslation(e,t,n),this.applyMatrix4(nn),this}scale(e,t,n){return nn.makeScale(e,t,n),this.applyMatrix4(nn),this}lookAt(e){return qo.lookAt(e),qo.updateMatrix(),this.applyMatrix4(qo.matrix),this}center(){return this.computeBoundingBox(),this.boundingBox.getCenter(zi).negate(),this.translate(zi.x,zi.y,zi.z),this}setFromPoints(e){let t=this.getAttribute("position");if(t===void 0){let n=[];for(let s=0,a=e.length;s<a;s++){let r=e[s];n.push(r.x,r.y,r.z||0)}this.setAttribute("position",new Ft(n,3))}else{let n=Math.min(e.length,t.count);for(let s=0;s<n;s++){let a=e[s];t.setXYZ(s,a.x,a.y,a.z||0)}e.length>t.count&&Te("BufferGeometry: Buffer size too small for points data. Use .dispose() and create a new geometry."),t.needsUpdate=!0}return this}computeBoundingBox(){this.boundingBox===null&&(this.boundingBox=new ti);let e=this.attributes.position,t=this.morphAttributes.position;if(e&&e.isGLBufferAttribute){Ie("BufferGeometry.computeBoundingBox(): GLBufferAttribute requires a manual bounding box.",this),this.boundingBox.set(new D(-1/0,-1/0,-1/0),new D(1/0,1/0,1/0));return}if(e!==void 0){if(this.boundingBox.setFromBufferAttribute(e),t)for(let n=0,s=t.length;n<s;n++){let a=t[n];Wt.setFromBufferAttribute(a),this.morphTargetsRelative?(St.addVectors(this.boundingBox.min,Wt.min),this.boundingBox.expandByPoint(St),St.addVectors(this.boundingBox.max,Wt.max),this.boundingBox.expandByPoint(St)):(this.boundingBox.expandByPoint(Wt.min),this.boundingBox.expandByPoint(Wt.max))}}else this.boundingBox.makeEmpty();(isNaN(this.boundingBox.min.x)||isNaN(this.boundingBox.min.y)||isNaN(this.boundingBox.min.z))&&Ie('BufferGeometry.computeBoundingBox(): Computed min/max have NaN values. The "position" attribute is likely to have NaN values.',this)}computeBoundingSphere(){this.boundingSphere===null&&(this.boundingSphere=new ni);let e=this.attributes.position,t=this.morphAttributes.position;if(e&&e.isGLBufferAttribute){Ie("BufferGeometry.computeBoundingSphere(): GLBufferAttribute requires a manual bounding sphere.",this),this.boundingSphere.set(new D,1/0);return}if(e){let n=this.boundingSphere.center;if(Wt.setFromBufferAttribute(e),t)for(let a=0,r=t.length;a<r;a++){let o=t[a];vs.setFromBufferAttribute(o),this.morphTargetsRelative?(St.addVectors(Wt.min,vs.min),Wt.expandByPoint(St),St.addVectors(Wt.max,vs.max),Wt.expandByPoint(St)):(Wt.expandByPoint(vs.min),Wt.expandByPoint(vs.max))}Wt.getCenter(n);let s=0;for(let a=0,r=e.count;a<r;a++)St.fromBufferAttribute(e,a),s=Math.max(s,n.distanceToSquared(St));if(t)for(let a=0,r=t.length;a<r;a++){let o=t[a],c=this.morphTargetsRelative;for(let l=0,d=o.count;l<d;l++)St.fromBufferAttribute(o,l),c&&(zi.fromBufferAttribute(e,l),St.add(zi)),s=Math.max(s,n.distanceToSquared(St))}this.boundingSphere.radius=Math.sqrt(s),isNaN(this.boundingSphere.radius)&&Ie('BufferGeometry.computeBoundingSphere(): Computed radius is NaN. The "position" attribute is likely to have NaN values.',this)}}computeTangents(){let e=this.index,t=this.attributes;if(e===null||t.position===void 0||t.normal===void 0||t.uv===void 0){Ie("BufferGeometry: .computeTangents() failed. Missing required attributes (index, position, normal or uv)");return}let n=t.position,s=t.normal,a=t.uv,r=this.getAttribute("tangent");(r===void 0||r.count!==n.count)&&(r=new dt(new Float32Array(4*n.count),4),this.setAttribute("tangent",r));let o=[],c=[],l=new Uint8Array(n.count);for(let B=0;B<n.count;B++)o[B]=new D,c[B]=new D;let d=new D,h=new D,f=new D,u=new Re,b=new Re,y=new Re,p=new D,m=new D;function v(B,I,N){l[B]=l[I]=l[N]=1,d.fromBufferAttribute(n,B),h.fromBufferAttribute(n,I),f.fromBufferAttribute(n,N),u.fromBufferAttribute(a,B),b.fromBufferAttribute(a,I),y.fromBufferAttribute(a,N),h.sub(d),f.sub(d),b.sub(u),y.sub(u);let V=1/(b.x*y.y-y.x*b.y);isFinite(V)&&(p.copy(h).multiplyScalar(y.y).addScaledVector(f,-b.y).multiplyScalar(V),m.copy(f).multiplyScalar(b.x).addScaledVector(h,-y.x).multiplyScalar(V),o[B].add(p),o[I].add(p),o[N].add(p),c[B].add(m),c[I].add(m),c[N].add(m))}let E=this.groups;E.length===0&&(E=[{start:0,count:e.count}]);for(let B=0,I=E.length;B<I;++B){let N=E[B],V=N.start,Y=N.count;for(let P=V,X=V+Y;P<X;P+=3)v(e.getX(P+0),e.getX(P+1),e.getX(P+2))}let M=new D,A=new D,T=new D,g=new D;function w(B){T.fromBufferAttribute(s,B),g.copy(T);let I=o[B];M.copy(I),M.sub(T.multiplyScalar(T.dot(I))).normalize(),A.crossVectors(g,I);let V=A.dot(c[B])<0?-1:1;r.setXYZW(B,M.x,M.y,M.z,V)}for(let B=0,I=n.count;B<I;++B)l[B]&&w(B);this._transformed=!0}computeVertexNormals(){let e=this.index,t=this.getAttribute("position");if(t!==void 0){let n=this.getAttribute("normal");if(n===void 0||n.count!==t.count)n=new dt(new Float32Array(t.count*3),3),this.setAttribute("normal",n);else for(let f=0,u=n.count;f<u;f++)n.setXYZ(f,0,0,0);let s=new D,a=new D,r=new D,o=new D,c=new D,l=new D,d=new D,h=new D;if(e)for(let f=0,u=e.count;f<u;f+=3){let b=e.getX(f+0),y=e.getX(f+1),p=e.getX(f+2);s.fromBufferAttribute(t,b),a.fromBufferAttribute(t,y),r.fromBufferAttribute(t,p),d.subVectors(r,a),h.subVectors(s,a),d.cross(h),o.fromBufferAttribute(n,b),c.fromBufferAttribute(n,y),l.fromBufferAttribute(n,p),o.add(d),c.add(d),l.add(d),n.setXYZ(b,o.x,o.y,o.z),n.setXYZ(y,c.x,c.y,c.z),n.setXYZ(p,l.x,l.y,l.z)}else for(let f=0,u=t.count;f<u;f+=3)s.fromBufferAttribute(t,f+0),a.fromBufferAttribute(t,f+1),r.fromBufferAttribute(t,f+2),d.subVectors(r,a),h.subVectors(s,a),d.cross(h),n.setXYZ(f+0,d.x,d.y,d.z),n.setXYZ(f+1,d.x,d.y,d.z),n.setXYZ(f+2,d.x,d.y,d.z);this.normalizeNormals(),n.needsUpdate=!0}}normalizeNormals(){let e=this.attributes.normal;for(let t=0,n=e.count;t<n;t++)St.fromBufferAttribute(e,t),St.normalize(),e.setXYZ(t,St.x,St.y,St.z)}toNonIndexed(){function e(o,c){let l=o.array,d=o.itemSize,h=o.normalized,f=new l.constructor(c.length*d),u=0,b=0;for(let y=0,p=c.length;y<p;y++){o.isInterleavedBufferAttribute?u=c[y]*o.data.stride+o.offset:u=c[y]*d;for(let m=0;m<d;m++)f[b++]=l[u++]}return new dt(f,d,h)}if(this.index===null)return Te("BufferGeometry.toNonIndexed(): BufferGeometry is already non-indexed."),this;let t=new i,n=this.index.array,s=this.attributes;for(let o in s){let c=s[o],l=e(c,n);t.setAttribute(o,l)}let a=this.morphAttributes;for(let o in a){let c=[],l=a[o];for(let d=0,h=l.length;d<h;d++){let f=l[d],u=e(f,n);c.push(u)}t.morphAttributes[o]=c}t.morphTargetsRelative=this.morphTargetsRelative;let r=this.groups;for(let o=0,c=r.length;o<c;o++){let l=r[o];t.addGroup(l.start,l.count,l.materialIndex)}return t}toJSON(){let e={metadata:{version:4.7,type:"BufferGeometry",generator:"BufferGeometry.toJSON"}};if(e.uuid=this.uuid,e.type=this.parameters!==void 0&&this._transformed===!0?"BufferGeometry":this.type,e.name=this.name,Object.keys(this.userData).length>0&&(e.userData=this.userData),this.parameters!==void 0&&this._transformed!==!0){let c=this.parameters;for(let l in c)c[l]!==void 0&&(e[l]=c[l]);return e}e.data={attributes:{}};let t=this.index;t!==null&&(e.data.index={type:t.array.constructor.name,array:Array.prototype.slice.call(t.array)});let n=this.attributes;for(let c in n){let l=n[c];e.data.attributes[c]=l.toJSON(e.data)}let s={},a=!1;for(let c in this.morphAttributes){let l=this.morphAttributes[c],d=[];for(let h=0,f=l.length;h<f;h++){let u=l[h];d.push(u.toJSON(e.data))}d.length>0&&(s[c]=d,a=!0)}a&&(e.data.morphAttributes=s,e.data.morphTargetsRelative=this.morphTargetsRelative);let r=this.groups;r.length>0&&(e.data.groups=JSON.parse(JSON.stringify(r)));let o=this.boundingSphere;return o!==null&&(e.data.boundingSphere=o.toJSON()),e}clone(){return new this.constructor().copy(this)}copy(e){this.index=null,this.attributes={},this.morphAttributes={},this.groups=[],this.boundingBox=null,this.boundingSphere=null;let t={};this.name=e.name;let n=e.index;n!==null&&this.setIndex(n.clone());let s=e.attributes;for(let l in s){let d=s[l];this.setAttribute(l,d.clone(t))}let a=e.morphAttributes;for(let l in a){let d=[],h=a[l];for(let f=0,u=h.length;f<u;f++)d.push(h[f].clone(t));this.morphAttributes[l]=d}this.morphTargetsRelative=e.morphTargetsRelative;let r=e.groups;for(let l=0,d=r.length;l<d;l++){let h=r[l];this.addGroup(h.start,h.count,h.materialIndex)}let o=e.boundingBox;o!==null&&(this.boundingBox=o.clone());let c=e.boundingSphere;return c!==null&&(this.boundingSphere=c.clone()),this.drawRange.start=e.drawRange.start,this.drawRange.count=e.drawRange.count,this.userData=e.userData,this._transformed=e._transformed,this}dispose(){this.dispatchEvent({type:"dispose"})}};var Yo=new D,uu=new D,pu=new Le,qt=class{constructor(e=new D(1,0,0),t=0){this.isPlane=!0,this.normal=e,this.constant=t}set(e,t){return this.normal.copy(e),this.constant=t,this}setComponents(e,t,n,s){return this.normal.set(e,t,n),this.constant=s,this}setFromNormalAndCoplanarPoint(e,t){return this.normal.copy(e),this.constant=-t.dot(this.normal),this}setFromCoplanarPoints(e,t,n){let s=Yo.subVectors(n,t).cross(uu.subVectors(e,t)).normalize();return this.setFromNormalAndCoplanarPoint(s,e),this}copy(e){return this.normal.copy(e.normal),this.constant=e.constant,this}normalize(){let e=1/this.normal.length();return this.normal.multiplyScalar(e),this.constant*=e,this}negate(){return this.constant*=-1,this.normal.negate(),this}distanceToPoint(e){return this.normal.dot(e)+this.constant}distanceToSphere(e){return this.distanceToPoint(e.center)-e.radius}projectPoint(e,t){return t.copy(e).addScaledVector(this.normal,-this.distanceToPoint(e))}intersectLine(e,t,n=!0){let s=e.delta(Yo),a=this.normal.dot(s);if(a===0)return this.distanceToPoint(e.start)===0?t.copy(e.start):null;let r=-(e.start.dot(this.normal)+this.constant)/a;return n===!0&&(r<0||r>1)?null:t.copy(e.start).addScaledVector(s,r)}intersectsLine(e){let t=this.distanceToPoint(e.start),n=this.distanceToPoint(e.end);return t<0&&n>0||n<0&&t>0}intersectsBox(e){return e.intersectsPlane(this)}intersectsSphere(e){return e.intersectsPlane(this)}coplanarPoint(e){return e.copy(this.normal).multiplyScalar(-this.constant)}applyMatrix4(e,t){let n=t||pu.getNormalMatrix(e),s=this.coplanarPoint(Yo).applyMatrix4(e),a=this.normal.applyMatrix3(n).normalize();return this.constant=-s.dot(a),this}translate(e){return this.constant-=e.dot(this.normal),this}equals(e){return e.normal.equals(this.normal)&&e.constant===this.constant}clone(){return new this.constructor().copy(this)}toJSON(){return{normal:this.normal.toArray(),constant:this.constant}}fromJSON(e){return this.normal.fromArray(e.normal),this.constant=e.constant,this}},mu=0,_n=class extends ln{constructor(){super(),this.isMaterial=!0,Object.defineProperty(this,"id",{value:mu++}),this.uuid=ls(),this.name="",this.type="Material",this.blending=rs,this.side=di,this.vertexColors=!1,this.opacity=1,this.transparent=!1,this.alphaHash=!1,this.blendSrc=fc,this.blendDst=hc,this.blendEquation=Mi,this.blendSrcAlpha=null,this.blendDstAlpha=null,this.blendEquationAlpha=null,this.blendColor=new Ge(0,0,0),this.blendAlpha=0,this.depthFunc=Wi,this.depthTest=!0,this.depthWrite=!0,this.stencilWriteMask=255,this.stencilFunc=Yd,this.stencilRef=0,this.stencilFuncMask=255,this.stencilFail=Da,this.stencilZFail=Da,this.stencilZPass=Da,this.stencilWrite=!1,this.clippingPlanes=null,this.clipIntersection=!1,this.clipShadows=!1,this.shadowSide=null,this.colorWrite=!0,this.precision=null,this.polygonOffset=!1,this.polygonOffsetFactor=0,this.polygonOffsetUnits=0,this.dithering=!1,this.alphaToCoverage=!1,this.premultipliedAlpha=!1,this.forceSinglePass=!1,this.allowOverride=!0,this.visible=!0,this.toneMapped=!0,this.userData={},this.version=0,this._alphaTest=0}get alphaTest(){return this._alphaTest}set alphaTest(e){this._alphaTest>0!=e>0&&this.version++,this._alphaTest=e}onBeforeRender(){}onBeforeCompile(){}customProgramCacheKey(){return this.onBeforeCompile.toString()}setValues(e){if(e!==void 0)for(let t in e){let n=e[t];if(n===void 0){Te(`Material: parameter '${t}' has value of undefined.`);continue}let s=this[t];if(s===void 0){Te(`Material: '${t}' is not a property of THREE.${this.type}.`);continue}s&&s.isColor?s.set(n):s&&s.isVector2&&n&&n.isVector2||s&&s.isEuler&&n&&n.isEuler||s&&s.isVector3&&n&&n.isVector3?s.copy(n):this[t]=n}}toJSON(e){let t=e===void 0||typeof e=="string";t&&(e={textures:{},images:{}});let n={metadata:{version:4.7,type:"Material",generator:"Material.toJSON"}};n.uuid=this.uuid,n.type=this.type,n.blending=this.blending,n.side=this.side,n.shadowSide=this.shadowSide,n.vertexColors=this.vertexColors,n.opacity=this.opacity,n.transparent=this.transparent,n.blendSrc=this.blendSrc,n.blendDst=this.blendDst,n.blendEquation=this.blendEquation,n.blendSrcAlpha=this.blendSrcAlpha,n.blendDstAlpha=this.blendDstAlpha,n.blendEquationAlpha=this.blendEquationAlpha,n.blendColor=this.blendColor.getHex(),n.blendAlpha=this.blendAlpha,n.depthFunc=this.depthFunc,n.depthTest=this.depthTest,n.depthWrite=this.depthWrite,n.colorWrite=this.colorWrite,n.clipIntersection=this.clipIntersection,n.clipShadows=this.clipShadows,n.stencilWriteMask=this.stencilWriteMask,n.stencilFunc=this.stencilFunc,n.stencilRef=this.stencilRef,n.stencilFuncMask=this.stencilFuncMask,n.stencilFail=this.stencilFail,n.stencilZFail=this.stencilZFail,n.stencilZPass=this.stencilZPass,n.stencilWrite=this.stencilWrite,n.polygonOffset=this.polygonOffset,n.polygonOffsetFactor=this.polygonOffsetFactor,n.polygonOffsetUnits=this.polygonOffsetUnits,n.dithering=this.dithering,n.alphaTest=this.alphaTest,n.alphaHash=this.alphaHash,n.alphaToCoverage=this.alphaToCoverage,n.premultipliedAlpha=this.premultipliedAlpha,n.forceSinglePass=this.forceSinglePass,n.allowOverride=this.allowOverride,n.visible=this.visible,n.toneMapped=this.toneMapped,n.name=this.name,this.color&&this.color.isColor&&(n.color=this.color.getHex()),this.roughness!==void 0&&(n.roughness=this.roughness),this.metalness!==void 0&&(n.metalness=this.metalness),this.sheen!==void 0&&(n.sheen=this.sheen),this.sheenColor&&this.sheenColor.isColor&&(n.sheenColor=this.sheenColor.getHex()),this.sheenRoughness!==void 0&&(n.sheenRoughness=this.sheenRoughness),this.emissive&&this.emissive.isColor&&(n.emissive=this.emissive.getHex()),this.emissiveIntensity!==void 0&&(n.emissiveIntensity=this.emissiveIntensity),this.specular&&this.specular.isColor&&(n.specular=this.specular.getHex()),this.specularIntensity!==void 0&&(n.specularIntensity=this.specularIntensity),this.specularColor&&this.specularColor.isColor&&(n.specularColor=this.specularColor.getHex()),this.shininess!==void 0&&(n.shininess=this.shininess),this.clearcoat!==void 0&&(n.clearcoat=this.clearcoat),this.clearcoatRoughness!==void 0&&(n.clearcoatRoughness=this.clearcoatRoughness),this.diffuseRoughness!==void 0&&(n.diffuseRoughness=this.diffuseRoughness),this.diffuseRoughnessMap&&this.diffuseRoughnessMap.isTexture&&(n.diffuseRoughnessMap=this.diffuseRoughnessMap.toJSON(e).uuid),this.clearcoatMap&&this.clearcoatMap.isTexture&&(n.clearcoatMap=this.clearcoatMap.toJSON(e).uuid),this.clearcoatRoughnessMap&&this.clearcoatRoughnessMap.isTexture&&(n.clearcoatRoughnessMap=this.clearcoatRoughnessMap.toJSON(e).uuid),this.clearcoatNormalMap&&this.clearcoatNormalMap.isTexture&&(n.clearcoatNormalMap=this.clearcoatNormalMap.toJSON(e).uuid,n.clearcoatNormalScale=this.clearcoatNormalScale.toArray()),this.sheenColorMap&&this.sheenColorMap.isTexture&&(n.sheenColorMap=this.sheenColorMap.toJSON(e).uuid),this.sheenRoughnessMap&&this.sheenRoughnessMap.isTexture&&(n.sheenRoughnessMap=this.sheenRoughnessMap.toJSON(e).uuid),this.dispersion!==void 0&&(n.dispersion=this.dispersion),this.retroreflectivity!==void 0&&(n.retroreflectivity=this.retroreflectivity),this.iridescence!==void 0&&(n.iridescence=this.iridescence),this.iridescenceIOR!==void 0&&(n.iridescenceIOR=this.iridescenceIOR),this.iridescenceThicknessMinimum!==void 0&&(n.iridescenceThicknessMinimum=this.iridescenceThicknessMinimum),this.iridescenceThicknessMaximum!==void 0&&(n.iridescenceThicknessMaximum=this.iridescenceThicknessMaximum),this.iridescenceMap&&this.iridescenceMap.isTexture&&(n.iridescenceMap=this.iridescenceMap.toJSON(e).uuid),this.iridescenceThicknessMap&&this.iridescenceThicknessMap.isTexture&&(n.iridescenceThicknessMap=this.iridescenceThicknessMap.toJSON(e).uuid),this.anisotropy!==void 0&&(n.anisotropy=this.anisotropy),this.anisotropyRotation!==void 0&&(n.anisotropyRotation=this.anisotropyRotation),this.anisotropyMap&&this.anisotropyMap.isTexture&&(n.anisotropyMap=this.anisotropyMap.toJSON(e).uuid),this.map&&this.map.isTexture&&(n.map=this.map.toJSON(e).uuid),this.matcap&&this.matcap.isTexture&&(n.matcap=this.matcap.toJSON(e).uuid),this.alphaMap&&this.alphaMap.isTexture&&(n.alphaMap=this.alphaMap.toJSON(e).uuid),this.lightMap&&this.lightMap.isTexture&&(n.lightMap=this.lightMap.toJSON(e).uuid,n.lightMapIntensity=this.lightMapIntensity),this.aoMap&&this.aoMap.isTexture&&(n.aoMap=this.aoMap.toJSON(e).uuid,n.aoMapIntensity=this.aoMapIntensity),this.bumpMap&&this.bumpMap.isTexture&&(n.bumpMap=this.bumpMap.toJSON(e).uuid,n.bumpScale=this.bumpScale),this.normalMap&&this.normalMap.isTexture&&(n.normalMap=this.normalMap.toJSON(e).uuid,n.normalMapType=this.normalMapType,n.normalScale=this.normalScale.toArray()),this.displacementMap&&this.displacementMap.isTexture&&(n.displacementMap=this.displacementMap.toJSON(e).uuid,n.displacementScale=this.displacementScale,n.displacementBias=this.displacementBias),this.roughnessMap&&this.roughnessMap.isTexture&&(n.roughnessMap=this.roughnessMap.toJSON(e).uuid),this.metalnessMap&&this.metalnessMap.isTexture&&(n.metalnessMap=this.metalnessMap.toJSON(e).uuid),this.emissiveMap&&this.emissiveMap.isTexture&&(n.emissiveMap=this.emissiveMap.toJSON(e).uuid),this.specularMap&&this.specularMap.isTexture&&(n.specularMap=this.specularMap.toJSON(e).uuid),this.specularIntensityMap&&this.specularIntensityMap.isTexture&&(n.specularIntensityMap=this.specularIntensityMap.toJSON(e).uuid),this.specularColorMap&&this.specularColorMap.isTexture&&(n.specularColorMap=this.specularColorMap.toJSON(e).uuid),this.envMap&&this.envMap.isTexture&&(n.envMap=this.envMap.toJSON(e).uuid,this.combine!==void 0&&(n.combine=this.combine)),this.envMapRotation!==void 0&&(n.envMapRotation=this.envMapRotation.toArray()),this.envMapIntensity!==void 0&&(n.envMapIntensity=this.envMapIntensity),this.reflectivity!==void 0&&(n.reflectivity=this.reflectivity),this.refractionRatio!==void 0&&(n.refractionRatio=this.refractionRatio),this.gradientMap&&this.gradientMap.isTexture&&(n.gradientMap=this.gradientMap.toJSON(e).uuid),this.transmission!==void 0&&(n.transmission=this.transmission),this.transmissionMap&&this.transmissionMap.isTexture&&(n.transmissionMap=this.transmissionMap.toJSON(e).uuid),this.thickness!==void 0&&(n.thickness=this.thickness),this.thicknessMap&&this.thicknessMap.isTexture&&(n.thicknessMap=this.thicknessMap.toJSON(e).uuid),this.attenuationDistance!==void 0&&(n.attenuationDistance=this.attenuationDistance),this.attenuationColor!==void 0&&(n.attenuationColor=this.attenuationColor.getHex()),this.size!==void 0&&(n.size=this.size),this.sizeAttenuation!==void 0&&(n.sizeAttenuation=this.sizeAttenuation),Array.isArray(this.clippingPlanes)&&this.clippingPlanes.length>0&&(n.clippingPlanes=this.clippingPlanes.map(a=>a.toJSON())),this.rotation!==void 0&&(n.rotation=this.rotation),this.depthPacking!==void 0&&(n.depthPacking=this.depthPacking),this.linewidth!==void 0&&(n.linewidth=this.linewidth),this.linecap!==void 0&&(n.linecap=this.linecap),this.linejoin!==void 0&&(n.linejoin=this.linejoin),this.dashSize!==void 0&&(n.dashSize=this.dashSize),this.gapSize!==void 0&&(n.gapSize=this.gapSize),this.scale!==void 0&&(n.scale=this.scale),this.wireframe!==void 0&&(n.wireframe=this.wireframe),this.wireframeLinewidth!==void 0&&(n.wireframeLinewidth=this.wireframeLinewidth),this.wireframeLinecap!==void 0&&(n.wireframeLinecap=this.wireframeLinecap),this.wireframeLinejoin!==void 0&&(n.wireframeLinejoin=this.wireframeLinejoin),this.flatShading!==void 0&&(n.flatShading=this.flatShading),this.fog!==void 0&&(n.fog=this.fog),Object.keys(this.userData).length>0&&(n.userData=this.userData);function s(a){let r=[];for(let o in a){let c=a[o];delete c.metadata,r.push(c)}return r}if(t){let a=s(e.textures),r=s(e.images);a.length>0&&(n.textures=a),r.length>0&&(n.images=r)}return n}fromJSON(e,t){if(e.uuid!==void 0&&(this.uuid=e.uuid),e.name!==void 0&&(this.name=e.name),e.color!==void 0&&this.color!==void 0&&this.color.setHex(e.color),e.roughness!==void 0&&(this.roughness=e.roughness),e.metalness!==void 0&&(this.metalness=e.metalness),e.sheen!==void 0&&(this.sheen=e.sheen),e.sheenColor!==void 0&&(this.sheenColor=new Ge().setHex(e.sheenColor)),e.sheenRoughness!==void 0&&(this.sheenRoughness=e.sheenRoughness),e.emissive!==void 0&&this.emissive!==void 0&&this.emissive.setHex(e.emissive),e.specular!==void 0&&this.specular!==void 0&&this.specular.setHex(e.specular),e.specularIntensity!==void 0&&(this.specularIntensity=e.specularIntensity),e.specularColor!==void 0&&this.specularColor!==void 0&&this.specularColor.setHex(e.specularColor),e.shininess!==void 0&&(this.shininess=e.shininess),e.clearcoat!==void 0&&(this.clearcoat=e.clearcoat),e.clearcoatRoughness!==void 0&&(this.clearcoatRoughness=e.clearcoatRoughness),e.diffuseRoughness!==void 0&&(this.diffuseRoughness=e.diffuseRoughness),e.dispersion!==void 0&&(this.dispersion=e.dispersion),e.retroreflectivity!==void 0&&(this.retroreflectivity=e.retroreflectivity),e.iridescence!==void 0&&(this.iridescence=e.iridescence),e.iridescenceIOR!==void 0&&(this.iridescenceIOR=e.iridescenceIOR),e.iridescenceThicknessMinimum!==void 0&&(this.iridescenceThicknessMinimum=e.iridescenceThicknessMinimum),e.iridescenceThicknessMaximum!==void 0&&(this.iridescenceThicknessMaximum=e.iridescenceThicknessMaximum),e.iridescenceThicknessRange!==void 0&&(this.iridescenceThicknessMinimum=e.iridescenceThicknessRange[0],this.iridescenceThicknessMaximum=e.iridescenceThicknessRange[1]),e.transmission!==void 0&&(this.transmission=e.transmission),e.thickness!==void 0&&(this.thickness=e.thickness),e.attenuationDistance!==void 0&&(this.attenuationDistance=e.attenuationDistance),e.attenuationColor!==void 0&&this.attenuationColor!==void 0&&this.attenuationColor.setHex(e.attenuationColor),e.anisotropy!==void 0&&(this.anisotropy=e.anisotropy),e.anisotropyRotation!==void 0&&(this.anisotropyRotation=e.anisotropyRotation),e.fog!==void 0&&(this.fog=e.fog),e.flatShading!==void 0&&(this.flatShading=e.flatShading),e.blending!==void 0&&(this.blending=e.blending),e.combine!==void 0&&(this.combine=e.combine),e.side!==void 0&&(this.side=e.side),e.shadowSide!==void 0&&(this.shadowSide=e.shadowSide),e.opacity!==void 0&&(this.opacity=e.opacity),e.transparent!==void 0&&(this.transparent=e.transparent),e.alphaTest!==void 0&&(this.alphaTest=e.alphaTest),e.alphaHash!==void 0&&(this.alphaHash=e.alphaHash),e.depthFunc!==void 0&&(this.depthFunc=e.depthFunc),e.depthTest!==void 0&&(this.depthTest=e.depthTest),e.depthWrite!==void 0&&(this.depthWrite=e.depthWrite),e.colorWrite!==void 0&&(this.colorWrite=e.colorWrite),e.clippingPlanes!==void 0&&(this.clippingPlanes=e.clippingPlanes.map(n=>new qt().fromJSON(n))),e.clipIntersection!==void 0&&(this.clipIntersection=e.clipIntersection),e.clipShadows!==void 0&&(this.clipShadows=e.clipShadows),e.depthPacking!==void 0&&(this.depthPacking=e.depthPacking),e.blendSrc!==void 0&&(this.blendSrc=e.blendSrc),e.blendDst!==void 0&&(this.blendDst=e.blendDst),e.blendEquation!==void 0&&(this.blendEquation=e.blendEquation),e.blendSrcAlpha!==void 0&&(this.blendSrcAlpha=e.blendSrcAlpha),e.blendDstAlpha!==void 0&&(this.blendDstAlpha=e.blendDstAlpha),e.blendEquationAlpha!==void 0&&(this.blendEquationAlpha=e.blendEquationAlpha),e.blendColor!==void 0&&this.blendColor!==void 0&&this.blendColor.setHex(e.blendColor),e.blendAlpha!==void 0&&(this.blendAlpha=e.blendAlpha),e.stencilWriteMask!==void 0&&(this.stencilWriteMask=e.stencilWriteMask),e.stencilFunc!==void 0&&(this.stencilFunc=e.stencilFunc),e.stencilRef!==void 0&&(this.stencilRef=e.stencilRef),e.stencilFuncMask!==void 0&&(this.stencilFuncMask=e.stencilFuncMask),e.stencilFail!==void 0&&(this.stencilFail=e.stencilFail),e.stencilZFail!==void 0&&(this.stencilZFail=e.stencilZFail),e.stencilZPass!==void 0&&(this.stencilZPass=e.stencilZPass),e.stencilWrite!==void 0&&(this.stencilWrite=e.stencilWrite),e.wireframe!==void 0&&(this.wireframe=e.wireframe),e.wireframeLinewidth!==void 0&&(this.wireframeLinewidth=e.wireframeLinewidth),e.wireframeLinecap!==void 0&&(this.wireframeLinecap=e.wireframeLinecap),e.wireframeLinejoin!==void 0&&(this.wireframeLinejoin=e.wireframeLinejoin),e.rotation!==void 0&&(this.rotation=e.rotation),e.linewidth!==void 0&&(this.linewidth=e.linewidth),e.linecap!==void 0&&(this.linecap=e.linecap),e.linejoin!==void 0&&(this.linejoin=e.linejoin),e.dashSize!==void 0&&(this.dashSize=e.dashSize),e.gapSize!==void 0&&(this.gapSize=e.gapSize),e.scale!==void 0&&(this.scale=e.scale),e.polygonOffset!==void 0&&(this.polygonOffset=e.polygonOffset),e.polygonOffsetFactor!==void 0&&(this.polygonOffsetFactor=e.polygonOffsetFactor),e.polygonOffsetUnits!==void 0&&(this.polygonOffsetUnits=e.polygonOffsetUnits),e.dithering!==void 0&&(this.dithering=e.dithering),e.alphaToCoverage!==void 0&&(this.alphaToCoverage=e.alphaToCoverage),e.premultipliedAlpha!==void 0&&(this.premultipliedAlpha=e.premultipliedAlpha),e.forceSinglePass!==void 0&&(this.forceSinglePass=e.forceSinglePass),e.allowOverride!==void 0&&(this.allowOverride=e.allowOverride),e.visible!==void 0&&(this.visible=e.visible),e.toneMapped!==void 0&&(this.toneMapped=e.toneMapped),e.userData!==void 0&&(this.userData=e.userData),e.vertexColors!==void 0&&(typeof e.vertexColors=="number"?this.vertexColors=e.vertexColors>0:this.vertexColors=e.vertexColors),e.size!==void 0&&(this.size=e.size),e.sizeAttenuation!==void 0&&(this.sizeAttenuation=e.sizeAttenuation),e.map!==void 0&&(this.map=t[e.map]||null),e.matcap!==void 0&&(this.matcap=t[e.matcap]||null),e.alphaMap!==void 0&&(this.alphaMap=t[e.alphaMap]||null),e.bumpMap!==void 0&&(this.bumpMap=t[e.bumpMap]||null),e.bumpScale!==void 0&&(this.bumpScale=e.bumpScale),e.normalMap!==void 0&&(this.normalMap=t[e.normalMap]||null),e.normalMapType!==void 0&&(this.normalMapType=e.normalMapType),e.normalScale!==void 0){let n=e.normalScale;Array.isArray(n)===!1&&(n=[n,n]),this.normalScale=new Re().fromArray(n)}return e.displacementMap!==void 0&&(this.displacementMap=t[e.displacementMap]||null),e.displacementScale!==void 0&&(this.displacementScale=e.displacementScale),e.displacementBias!==void 0&&(this.displacementBias=e.displacementBias),e.roughnessMap!==void 0&&(this.roughnessMap=t[e.roughnessMap]||null),e.metalnessMap!==void 0&&(this.metalnessMap=t[e.metalnessMap]||null),e.emissiveMap!==void 0&&(this.emissiveMap=t[e.emissiveMap]||null),e.emissiveIntensity!==void 0&&(this.emissiveIntensity=e.emissiveIntensity),e.specularMap!==void 0&&(this.specularMap=t[e.specularMap]||null),e.specularIntensityMap!==void 0&&(this.specularIntensityMap=t[e.specularIntensityMap]||null),e.specularColorMap!==void 0&&(this.specularColorMap=t[e.specularColorMap]||null),e.envMap!==void 0&&(this.envMap=t[e.envMap]||null),e.envMapRotation!==void 0&&this.envMapRotation.fromArray(e.envMapRotation),e.envMapIntensity!==void 0&&(this.envMapIntensity=e.envMapIntensity),e.reflectivity!==void 0&&(this.reflectivity=e.reflectivity),e.refractionRatio!==void 0&&(this.refractionRatio=e.refractionRatio),e.lightMap!==void 0&&(this.lightMap=t[e.lightMap]||null),e.lightMapIntensity!==void 0&&(this.lightMapIntensity=e.lightMapIntensity),e.aoMap!==void 0&&(this.aoMap=t[e.aoMap]||null),e.aoMapIntensity!==void 0&&(this.aoMapIntensity=e.aoMapIntensity),e.gradientMap!==void 0&&(this.gradientMap=t[e.gradientMap]||null),e.clearcoatMap!==void 0&&(this.clearcoatMap=t[e.clearcoatMap]||null),e.clearcoatRoughnessMap!==void 0&&(this.clearcoatRoughnessMap=t[e.clearcoatRoughnessMap]||null),e.clearcoatNormalMap!==void 0&&(this.clearcoatNormalMap=t[e.clearcoatNormalMap]||null),e.clearcoatNormalScale!==void 0&&(this.clearcoatNormalScale=new Re().fromArray(e.clearcoatNormalScale)),e.diffuseRoughnessMap!==void 0&&(this.diffuseRoughnessMap=t[e.diffuseRoughnessMap]||null),e.iridescenceMap!==void 0&&(this.iridescenceMap=t[e.iridescenceMap]||null),e.iridescenceThicknessMap!==void 0&&(this.iridescenceThicknessMap=t[e.iridescenceThicknessMap]||null),e.transmissionMap!==void 0&&(this.transmissionMap=t[e.transmissionMap]||null),e.thicknessMap!==void 0&&(this.thicknessMap=t[e.thicknessMap]||null),e.anisotropyMap!==void 0&&(this.anisotropyMap=t[e.anisotropyMap]||null),e.sheenColorMap!==void 0&&(this.sheenColorMap=t[e.sheenColorMap]||null),e.sheenRoughnessMap!==void 0&&(this.sheenRoughnessMap=t[e.sheenRoughnessMap]||null),this}clone(){return new this.constructor().copy(this)}copy(e){this.name=e.name,this.blending=e.blending,this.side=e.side,this.vertexColors=e.vertexColors,this.opacity=e.opacity,this.transparent=e.transparent,this.blendSrc=e.blendSrc,this.blendDst=e.blendDst,this.blendEquation=e.blendEquation,this.blendSrcAlpha=e.blendSrcAlpha,this.blendDstAlpha=e.blendDstAlpha,this.blendEquationAlpha=e.blendEquationAlpha,this.blendColor.copy(e.blendColor),this.blendAlpha=e.blendAlpha,this.depthFunc=e.depthFunc,this.depthTest=e.depthTest,this.depthWrite=e.depthWrite,this.stencilWriteMask=e.stencilWriteMask,this.stencilFunc=e.stencilFunc,this.stencilRef=e.stencilRef,this.stencilFuncMask=e.stencilFuncMask,this.stencilFail=e.stencilFail,this.stencilZFail=e.stencilZFail,this.stencilZPass=e.stencilZPass,this.stencilWrite=e.stencilWrite;let t=e.clippingPlanes,n=null;if(t!==null){let s=t.length;n=new Array(s);for(let a=0;a!==s;++a)n[a]=t[a].clone()}return this.clippingPlanes=n,this.clipIntersection=e.clipIntersection,this.clipShadows=e.clipShadows,this.shadowSide=e.shadowSide,this.colorWrite=e.colorWrite,this.precision=e.precision,this.polygonOffset=e.polygonOffset,this.polygonOffsetFactor=e.polygonOffsetFactor,this.polygonOffsetUnits=e.polygonOffsetUnits,this.dithering=e.dithering,this.alphaTest=e.alphaTest,this.alphaHash=e.alphaHash,this.alphaToCoverage=e.alphaToCoverage,this.premultipliedAlpha=e.premultipliedAlpha,this.forceSinglePass=e.forceSinglePass,this.allowOverride=e.allowOverride,this.visible=e.visible,this.toneMapped=e.toneMapped,this.userData=JSON.parse(JSON.stringify(e.userData)),this}dispose(){this.dispatchEvent({type:"dispose"})}set needsUpdate(e){e===!0&&this.version++}};var Pn=new D,$o=new D,ba=new D,ga=new D,Un=class{constructor(e=new D,t=new D(0,0,-1)){this.origin=e,this.direction=t}set(e,t){return this.origin.copy(e),this.direction.copy(t),this}copy(e){return this.origin.copy(e.origin),this.direction.copy(e.direction),this}at(e,t){return t.copy(this.origin).addScaledVector(this.direction,e)}lookAt(e){return this.direction.copy(e).sub(this.origin).normalize(),this}recast(e){return this.origin.copy(this.at(e,Pn)),this}closestPointToPoint(e,t){t.subVectors(e,this.origin);let n=t.dot(this.direction);return n<0?t.copy(this.origin):t.copy(this.origin).addScaledVector(this.direction,n)}distanceToPoint(e){return Math.sqrt(this.distanceSqToPoint(e))}distanceSqToPoint(e){let t=Pn.subVectors(e,this.origin).dot(this.direction);return t<0?this.origin.distanceToSquared(e):(Pn.copy(this.origin).addScaledVector(this.direction,t),Pn.distanceToSquared(e))}distanceSqToSegment(e,t,n,s){$o.copy(e).add(t).multiplyScalar(.5),ba.copy(t).sub(e).normalize(),ga.copy(this.origin).sub($o);let a=e.distanceTo(t)*.5,r=-this.direction.dot(ba),o=ga.dot(this.direction),c=-ga.dot(ba),l=ga.lengthSq(),d=Math.abs(1-r*r),h,f,u,b;if(d>0)if(h=r*c-o,f=r*o-c,b=a*d,h>=0)if(f>=-b)if(f<=b){let y=1/d;h*=y,f*=y,u=h*(h+r*f+2*o)+f*(r*h+f+2*c)+l}else f=a,h=Math.max(0,-(r*f+o)),u=-h*h+f*(f+2*c)+l;else f=-a,h=Math.max(0,-(r*f+o)),u=-h*h+f*(f+2*c)+l;else f<=-b?(h=Math.max(0,-(-r*a+o)),f=h>0?-a:Math.min(Math.max(-a,-c),a),u=-h*h+f*(f+2*c)+l):f<=b?(h=0,f=Math.min(Math.max(-a,-c),a),u=f*(f+2*c)+l):(h=Math.max(0,-(r*a+o)),f=h>0?a:Math.min(Math.max(-a,-c),a),u=-h*h+f*(f+2*c)+l);else f=r>0?-a:a,h=Math.max(0,-(r*f+o)),u=-h*h+f*(f+2*c)+l;return n&&n.copy(this.origin).addScaledVector(this.direction,h),s&&s.copy($o).addScaledVector(ba,f),u}intersectSphere(e,t){if(e.radius<0)return null;Pn.subVectors(e.center,this.origin);let n=Pn.dot(this.direction),s=Pn.dot(Pn)-n*n,a=e.radius*e.radius;if(s>a)return null;let r=Math.sqrt(a-s),o=n-r,c=n+r;return c<0?null:o<0?this.at(c,t):this.at(o,t)}intersectsSphere(e){return e.radius<0?!1:this.distanceSqToPoint(e.center)<=e.radius*e.radius}distanceToPlane(e){let t=e.normal.dot(this.direction);if(t===0)return e.distanceToPoint(this.origin)===0?0:null;let n=-(this.origin.dot(e.normal)+e.constant)/t;return n>=0?n:null}intersectPlane(e,t){let n=this.distanceToPlane(e);return n===null?null:this.at(n,t)}intersectsPlane(e){let t=e.distanceToPoint(this.origin);return t===0||e.normal.dot(this.direction)*t<0}intersectBox(e,t){let n,s,a,r,o,c,l=1/this.direction.x,d=1/this.direction.y,h=1/this.direction.z,f=this.origin;return l>=0?(n=(e.min.x-f.x)*l,s=(e.max.x-f.x)*l):(n=(e.max.x-f.x)*l,s=(e.min.x-f.x)*l),d>=0?(a=(e.min.y-f.y)*d,r=(e.max.y-f.y)*d):(a=(e.max.y-f.y)*d,r=(e.min.y-f.y)*d),n>r||a>s||((a>n||isNaN(n))&&(n=a),(r<s||isNaN(s))&&(s=r),h>=0?(o=(e.min.z-f.z)*h,c=(e.max.z-f.z)*h):(o=(e.max.z-f.z)*h,c=(e.min.z-f.z)*h),n>c||o>s)||((o>n||n!==n)&&(n=o),(c<s||s!==s)&&(s=c),s<0)?null:this.at(n>=0?n:s,t)}intersectsBox(e){return this.intersectBox(e,Pn)!==null}intersectTriangle(e,t,n,s,a){let r=this.origin,o=this.direction,c=o.x,l=o.y,d=o.z,h=e.x-r.x,f=e.y-r.y,u=e.z-r.z,b=t.x-r.x,y=t.y-r.y,p=t.z-r.z,m=n.x-r.x,v=n.y-r.y,E=n.z-r.z,M=Math.abs(c),A=Math.abs(l),T=Math.abs(d),g,w,B,I,N,V,Y,P,X,K,G,ne;if(M>=A&&M>=T?(B=c,V=h,X=b,ne=m,c>=0?(g=l,w=d,I=f,N=u,Y=y,P=p,K=v,G=E):(g=d,w=l,I=u,N=f,Y=p,P=y,K=E,G=v)):A>=T?(B=l,V=f,X=y,ne=v,l>=0?(g=d,w=c,I=u,N=h,Y=p,P=b,K=E,G=m):(g=c,w=d,I=h,N=u,Y=b,P=p,K=m,G=E)):(B=d,V=u,X=p,ne=E,d>=0?(g=c,w=l,I=h,N=f,Y=b,P=y,K=m,G=v):(g=l,w=c,I=f,N=h,Y=y,P=b,K=v,G=m)),B===0)return null;let W=g/B,Q=w/B,ee=1/B,Me=I-W*V,De=N-Q*V,Z=Y-W*X,me=P-Q*X,xe=K-W*ne,Ae=G-Q*ne,be=xe*me-Ae*Z,Oe=Me*Ae-De*xe,ht=Z*De-me*Me;if(s){if(be<0||Oe<0||ht<0)return null}else if((be<0||Oe<0||ht<0)&&(be>0||Oe>0||ht>0))return null;let Pe=be+Oe+ht;if(Pe===0)return null;let Je=ee*(be*V+Oe*X+ht*ne);return(Pe>0?Je<0:Je>0)?null:this.at(Je/Pe,a)}applyMatrix4(e){return this.origin.applyMatrix4(e),this.direction.transformDirection(e),this}equals(e){return e.origin.equals(this.origin)&&e.direction.equals(this.direction)}clone(){return new this.constructor().copy(this)}},Ki=class extends _n{constructor(e){super(),this.isMeshBasicMaterial=!0,this.type="MeshBasicMaterial",this.color=new Ge(16777215),this.map=null,this.lightMap=null,this.lightMapIntensity=1,this.aoMap=null,this.aoMapIntensity=1,this.specularMap=null,this.alphaMap=null,this.envMap=null,this.envMapRotation=new Dn,this.combine=pr,this.reflectivity=1,this.refractionRatio=.98,this.wireframe=!1,this.wireframeLinewidth=1,this.wireframeLinecap="round",this.wireframeLinejoin="round",this.fog=!0,this.setValues(e)}copy(e){return super.copy(e),this.color.copy(e.color),this.map=e.map,this.lightMap=e.lightMap,this.lightMapIntensity=e.lightMapIntensity,this.aoMap=e.aoMap,this.aoMapIntensity=e.aoMapIntensity,this.specularMap=e.specularMap,this.alphaMap=e.alphaMap,this.envMap=e.envMap,this.envMapRotation.copy(e.envMapRotation),this.combine=e.combine,this.reflectivity=e.reflectivity,this.refractionRatio=e.refractionRatio,this.wireframe=e.wireframe,this.wireframeLinewidth=e.wireframeLinewidth,this.wireframeLinecap=e.wireframeLinecap,this.wireframeLinejoin=e.wireframeLinejoin,this.fog=e.fog,this}},nd=new et,_i=new Un,_a=new ni,id=new D,xa=new D,ya=new D,va=new D,Zo=new D,Ma=new D,sd=new D,Sa=new D,kt=class extends At{constructor(e=new zt,t=new Ki){super(),this.isMesh=!0,this.type="Mesh",this.geometry=e,this.material=t,this.morphTargetDictionary=void 0,this.morphTargetInfluences=void 0,this.count=1,this.updateMorphTargets()}copy(e,t){return super.copy(e,t),e.morphTargetInfluences!==void 0?this.morphTargetInfluences=e.morphTargetInfluences.slice():this.morphTargetInfluences=void 0,e.morphTargetDictionary!==void 0?this.morphTargetDictionary=Object.assign({},e.morphTargetDictionary):this.morphTargetDictionary=void 0,this.material=Array.isArray(e.material)?e.material.slice():e.material,this.geometry=e.geometry,this}updateMorphTargets(){let t=this.geometry.morphAttributes,n=Object.keys(t);if(n.length>0){let s=t[n[0]];if(s!==void 0){this.morphTargetInfluences=[],this.morphTargetDictionary={};for(let a=0,r=s.length;a<r;a++){let o=s[a].name||String(a);this.morphTargetInfluences.push(0),this.morphTargetDictionary[o]=a}}}}getVertexPosition(e,t){let n=this.geometry,s=n.attributes.position,a=n.morphAttributes.position,r=n.morphTargetsRelative;t.fromBufferAttribute(s,e);let o=this.morphTargetInfluences;if(a&&o){Ma.set(0,0,0);for(let c=0,l=a.length;c<l;c++){let d=o[c],h=a[c];d!==0&&(Zo.fromBufferAttribute(h,e),r?Ma.addScaledVector(Zo,d):Ma.addScaledVector(Zo.sub(t),d))}t.add(Ma)}return t}intersectsFrustum(e){return e.intersectsObject(this)}raycast(e,t){let n=this.geometry,s=this.material,a=this.matrixWorld;s!==void 0&&(n.boundingSphere===null&&n.computeBoundingSphere(),_a.copy(n.boundingSphere),_a.applyMatrix4(a),_i.copy(e.ray).recast(e.near),!(_a.containsPoint(_i.origin)===!1&&(_i.intersectSphere(_a,id)===null||_i.origin.distanceToSquared(id)>(e.far-e.near)**2))&&(nd.copy(a).invert(),_i.copy(e.ray).applyMatrix4(nd),!(n.boundingBox!==null&&_i.intersectsBox(n.boundingBox)===!1)&&this._computeIntersections(e,t,_i)))}_computeIntersections(e,t,n){let s,a=this.geometry,r=this.material,o=a.index,c=a.attributes.position,l=a.attributes.uv,d=a.attributes.uv1,h=a.attributes.normal,f=a.groups,u=a.drawRange;if(o!==null)if(Array.isArray(r))for(let b=0,y=f.length;b<y;b++){let p=f[b],m=r[p.materialIndex],v=Math.max(p.start,u.start),E=Math.min(o.count,Math.min(p.start+p.count,u.start+u.count));for(let M=v,A=E;M<A;M+=3){let T=o.getX(M),g=o.getX(M+1),w=o.getX(M+2);s=wa(this,m,e,n,l,d,h,T,g,w),s&&(s.faceIndex=Math.floor(M/3),s.face.materialIndex=p.materialIndex,t.push(s))}}else{let b=Math.max(0,u.start),y=Math.min(o.count,u.start+u.count);for(let p=b,m=y;p<m;p+=3){let v=o.getX(p),E=o.getX(p+1),M=o.getX(p+2);s=wa(this,r,e,n,l,d,h,v,E,M),s&&(s.faceIndex=Math.floor(p/3),t.push(s))}}else if(c!==void 0)if(Array.isArray(r))for(let b=0,y=f.length;b<y;b++){let p=f[b],m=r[p.materialIndex],v=Math.max(p.start,u.start),E=Math.min(c.count,Math.min(p.start+p.count,u.start+u.count));for(let M=v,A=E;M<A;M+=3){let T=M,g=M+1,w=M+2;s=wa(this,m,e,n,l,d,h,T,g,w),s&&(s.faceIndex=Math.floor(M/3),s.face.materialIndex=p.materialIndex,t.push(s))}}else{let b=Math.max(0,u.start),y=Math.min(c.count,u.start+u.count);for(let p=b,m=y;p<m;p+=3){let v=p,E=p+1,M=p+2;s=wa(this,r,e,n,l,d,h,v,E,M),s&&(s.faceIndex=Math.floor(p/3),t.push(s))}}}};function bu(i,e,t,n,s,a,r,o){let c;if(e.side===Ut?c=n.intersectTriangle(r,a,s,!0,o):c=n.intersectTriangle(s,a,r,e.side===di,o),c===null)return null;Sa.copy(o),Sa.applyMatrix4(i.matrixWorld);let l=t.ray.origin.distanceTo(Sa);return l<t.near||l>t.far?null:{distance:l,point:Sa.clone(),object:i}}function wa(i,e,t,n,s,a,r,o,c,l){i.getVertexPosition(o,xa),i.getVertexPosition(c,ya),i.getVertexPosition(l,va);let d=bu(i,e,t,n,xa,ya,va,sd);if(d){let h=new D;ei.getBarycoord(sd,xa,ya,va,h),s&&(d.uv=ei.getInterpolatedAttribute(s,o,c,l,h,new Re)),a&&(d.uv1=ei.getInterpolatedAttribute(a,o,c,l,h,new Re)),r&&(d.normal=ei.getInterpolatedAttribute(r,o,c,l,h,new D),d.normal.dot(n.direction)>0&&d.normal.multiplyScalar(-1));let f={a:o,b:c,c:l,normal:new D,materialIndex:0};ei.getNormal(xa,ya,va,f.normal),d.face=f,d.barycoord=h}return d}var $a=class extends Bt{constructor(e=null,t=1,n=1,s,a,r,o,c,l=wt,d=wt,h,f){super(null,r,o,c,l,d,s,a,h,f),this.isDataTexture=!0,this.image={data:e,width:t,height:n},this.generateMipmaps=!1,this.flipY=!1,this.unpackAlignment=1}};var xi=new ni,gu=new Re(.5,.5),Ea=new D,ii=class{constructor(e=new qt,t=new qt,n=new qt,s=new qt,a=new qt,r=new qt){this.planes=[e,t,n,s,a,r]}set(e,t,n,s,a,r){let o=this.planes;return o[0].copy(e),o[1].copy(t),o[2].copy(n),o[3].copy(s),o[4].copy(a),o[5].copy(r),this}copy(e){let t=this.planes;for(let n=0;n<6;n++)t[n].copy(e.planes[n]);return this}setFromProjectionMatrix(e,t=sn,n=!1){let s=this.planes,a=e.elements,r=a[0],o=a[1],c=a[2],l=a[3],d=a[4],h=a[5],f=a[6],u=a[7],b=a[8],y=a[9],p=a[10],m=a[11],v=a[12],E=a[13],M=a[14],A=a[15];if(s[0].setComponents(l-r,u-d,m-b,A-v).normalize(),s[1].setComponents(l+r,u+d,m+b,A+v).normalize(),s[2].setComponents(l+o,u+h,m+y,A+E).normalize(),s[3].setComponents(l-o,u-h,m-y,A-E).normalize(),n)s[4].setComponents(c,f,p,M).normalize(),s[5].setComponents(l-c,u-f,m-p,A-M).normalize();else if(s[4].setComponents(l-c,u-f,m-p,A-M).normalize(),t===sn)s[5].setComponents(l+c,u+f,m+p,A+M).normalize();else if(t===Xi)s[5].setComponents(c,f,p,M).normalize();else throw new Error("THREE.Frustum.setFromProjectionMatrix(): Invalid coordinate system: "+t);return this}intersectsObject(e){if(e.boundingSphere!==void 0)e.boundingSphere===null&&e.computeBoundingSphere(),xi.copy(e.boundingSphere).applyMatrix4(e.matrixWorld);else{let t=e.geometry;t.boundingSphere===null&&t.computeBoundingSphere(),xi.copy(t.boundingSphere).applyMatrix4(e.matrixWorld)}return this.intersectsSphere(xi)}intersectsSprite(e){xi.center.set(0,0,0);let t=gu.distanceTo(e.center);return xi.radius=.7071067811865476+t,xi.applyMatrix4(e.matrixWorld),this.intersectsSphere(xi)}intersectsSphere(e){let t=this.planes,n=e.center,s=-e.radius;for(let a=0;a<6;a++)if(t[a].distanceToPoint(n)<s)return!1;return!0}intersectsBox(e){let t=this.planes;for(let n=0;n<6;n++){let s=t[n];if(Ea.x=s.normal.x>0?e.max.x:e.min.x,Ea.y=s.normal.y>0?e.max.y:e.min.y,Ea.z=s.normal.z>0?e.max.z:e.min.z,s.distanceToPoint(Ea)<0)return!1}return!0}containsPoint(e){let t=this.planes;for(let n=0;n<6;n++)if(t[n].distanceToPoint(e)<0)return!1;return!0}clone(){return new this.constructor().copy(this)}},ad=new et,Za=class i{constructor(){this.coordinateSystem=sn,this._frustums=[],this._count=0}setFromArrayCamera(e){let t=e.cameras,n=this._frustums;for(let s=0;s<t.length;s++){let a=t[s];ad.multiplyMatrices(a.projectionMatrix,a.matrixWorldInverse),n[s]===void 0&&(n[s]=new ii),n[s].setFromProjectionMatrix(ad,a.coordinateSystem,a.reversedDepth)}return this._count=t.length,this}getFrustum(e){return this._frustums[e]}intersectsObject(e){let t=this._frustums;for(let n=0;n<this._count;n++)if(t[n].intersectsObject(e))return!0;return!1}intersectsSprite(e){let t=this._frustums;for(let n=0;n<this._count;n++)if(t[n].intersectsSprite(e))return!0;return!1}intersectsSphere(e){let t=this._frustums;for(let n=0;n<this._count;n++)if(t[n].intersectsSphere(e))return!0;return!1}intersectsBox(e){let t=this._frustums;for(let n=0;n<this._count;n++)if(t[n].intersectsBox(e))return!0;return!1}containsPoint(e){let t=this._frustums;for(let n=0;n<this._count;n++)if(t[n].containsPoint(e))return!0;return!1}copy(e){this.coordinateSystem=e.coordinateSystem;let t=this._frustums,n=e._frustums;for(let s=0;s<e._count;s++)t[s]===void 0&&(t[s]=new ii),t[s].copy(n[s]);return this._count=e._count,this}clone(){return new i().copy(this)}};var ji=class extends _n{constructor(e){super(),this.isLineBasicMaterial=!0,this.type="LineBasicMaterial",this.color=new Ge(16777215),this.map=null,this.linewidth=1,this.linecap="round",this.linejoin="round",this.fog=!0,this.setValues(e)}copy(e){return super.copy(e),this.color.copy(e.color),this.map=e.map,this.linewidth=e.linewidth,this.linecap=e.linecap,this.linejoin=e.linejoin,this.fog=e.fog,this}},Ja=new D,Ka=new D,rd=new et,Ms=new Un,Ta=new ni,Jo=new D,od=new D,ja=class extends At{constructor(e=new zt,t=new ji){super(),this.isLine=!0,this.type="Line",this.geometry=e,this.material=t,this.morphTargetDictionary=void 0,this.morphTargetInfluences=void 0,this.updateMorphTargets()}copy(e,t){return super.copy(e,t),e.morphTargetInfluences!==void 0?this.morphTargetInfluences=e.morphTargetInfluences.slice():this.morphTargetInfluences=void 0,e.morphTargetDictionary!==void 0?this.morphTargetDictionary=Object.assign({},e.morphTargetDictionary):this.morphTargetDictionary=void 0,this.material=Array.isArray(e.material)?e.material.slice():e.material,this.geometry=e.geometry,this}computeLineDistances(){let e=this.geometry;if(e.index===null){let t=e.attributes.position,n=[0];for(let s=1,a=t.count;s<a;s++)Ja.fromBufferAttribute(t,s-1),Ka.fromBufferAttribute(t,s),n[s]=n[s-1],n[s]+=Ja.distanceTo(Ka);e.setAttribute("lineDistance",new Ft(n,1))}else Te("Line.computeLineDistances(): Computation only possible with non-indexed BufferGeometry.");return this}intersectsFrustum(e){return e.intersectsObject(this)}raycast(e,t){let n=this.geometry,s=this.matrixWorld,a=e.params.Line.threshold,r=n.drawRange;if(n.boundingSphere===null&&n.computeBoundingSphere(),Ta.copy(n.boundingSphere),Ta.applyMatrix4(s),Ta.radius+=a,e.ray.intersectsSphere(Ta)===!1)return;rd.copy(s).invert(),Ms.copy(e.ray).applyMatrix4(rd);let o=a/((this.scale.x+this.scale.y+this.scale.z)/3),c=o*o,l=this.isLineSegments?2:1,d=n.index,f=n.attributes.position;if(d!==null){let u=Math.max(0,r.start),b=Math.min(d.count,r.start+r.count);for(let y=u,p=b-1;y<p;y+=l){let m=d.getX(y),v=d.getX(y+1),E=Aa(this,e,Ms,c,m,v,y);E&&t.push(E)}if(this.isLineLoop){let y=d.getX(b-1),p=d.getX(u),m=Aa(this,e,Ms,c,y,p,b-1);m&&t.push(m)}}else{let u=Math.max(0,r.start),b=Math.min(f.count,r.start+r.count);for(let y=u,p=b-1;y<p;y+=l){let m=Aa(this,e,Ms,c,y,y+1,y);m&&t.push(m)}if(this.isLineLoop){let y=Aa(this,e,Ms,c,b-1,u,b-1);y&&t.push(y)}}}updateMorphTargets(){let t=this.geometry.morphAttributes,n=Object.keys(t);if(n.length>0){let s=t[n[0]];if(s!==void 0){this.morphTargetInfluences=[],this.morphTargetDictionary={};for(let a=0,r=s.length;a<r;a++){let o=s[a].name||String(a);this.morphTargetInfluences.push(0),this.morphTargetDictionary[o]=a}}}}};function Aa(i,e,t,n,s,a,r){let o=i.geometry.attributes.position;if(Ja.fromBufferAttribute(o,s),Ka.fromBufferAttribute(o,a),t.distanceSqToSegment(Ja,Ka,Jo,od)>n)return;Jo.applyMatrix4(i.matrixWorld);let l=e.ray.origin.distanceTo(Jo);if(!(l<e.near||l>e.far))return{distance:l,point:od.clone().applyMatrix4(i.matrixWorld),index:r,face:null,faceIndex:null,barycoord:null,object:i}}var cd=new D,ld=new D,Qi=class extends ja{constructor(e,t){super(e,t),this.isLineSegments=!0,this.type="LineSegments"}computeLineDistances(){let e=this.geometry;if(e.index===null){let t=e.attributes.position,n=[];for(let s=0,a=t.count;s<a;s+=2)cd.fromBufferAttribute(t,s),ld.fromBufferAttribute(t,s+1),n[s]=s===0?0:n[s-1],n[s+1]=n[s]+cd.distanceTo(ld);e.setAttribute("lineDistance",new Ft(n,1))}else Te("LineSegments.computeLineDistances(): Computation only possible with non-indexed BufferGeometry.");return this}};var es=class extends _n{constructor(e){super(),this.isPointsMaterial=!0,this.type="PointsMaterial",this.color=new Ge(16777215),this.map=null,this.alphaMap=null,this.size=1,this.sizeAttenuation=!0,this.fog=!0,this.setValues(e)}copy(e){return super.copy(e),this.color.copy(e.color),this.map=e.map,this.alphaMap=e.alphaMap,this.size=e.size,this.sizeAttenuation=e.sizeAttenuation,this.fog=e.fog,this}},dd=new et,nc=new Un,Ca=new ni,Ra=new D,ts=class extends At{constructor(e=new zt,t=new es){super(),this.isPoints=!0,this.type="Points",this.geometry=e,this.material=t,this.morphTargetDictionary=void 0,this.morphTargetInfluences=void 0,this.updateMorphTargets()}copy(e,t){return super.copy(e,t),e.morphTargetInfluences!==void 0?this.morphTargetInfluences=e.morphTargetInfluences.slice():this.morphTargetInfluences=void 0,e.morphTargetDictionary!==void 0?this.morphTargetDictionary=Object.assign({},e.morphTargetDictionary):this.morphTargetDictionary=void 0,this.material=Array.isArray(e.material)?e.material.slice():e.material,this.geometry=e.geometry,this}intersectsFrustum(e){return e.intersectsObject(this)}raycast(e,t){let n=this.geometry,s=this.matrixWorld,a=e.params.Points.threshold,r=n.drawRange;if(n.boundingSphere===null&&n.computeBoundingSphere(),Ca.copy(n.boundingSphere),Ca.applyMatrix4(s),Ca.radius+=a,e.ray.intersectsSphere(Ca)===!1)return;dd.copy(s).invert(),nc.copy(e.ray).applyMatrix4(dd);let o=a/((this.scale.x+this.scale.y+this.scale.z)/3),c=o*o,l=n.index,h=n.attributes.position;if(l!==null){let f=Math.max(0,r.start),u=Math.min(l.count,r.start+r.count);for(let b=f,y=u;b<y;b++){let p=l.getX(b);Ra.fromBufferAttribute(h,p),fd(Ra,p,c,s,e,t,this)}}else{let f=Math.max(0,r.start),u=Math.min(h.count,r.start+r.count);for(let b=f,y=u;b<y;b++)Ra.fromBufferAttribute(h,b),fd(Ra,b,c,s,e,t,this)}}updateMorphTargets(){let t=this.geometry.morphAttributes,n=Object.keys(t);if(n.length>0){let s=t[n[0]];if(s!==void 0){this.morphTargetInfluences=[],this.morphTargetDictionary={};for(let a=0,r=s.length;a<r;a++){let o=s[a].name||String(a);this.morphTargetInfluences.push(0),this.morphTargetDictionary[o]=a}}}}};function fd(i,e,t,n,s,a,r){let o=nc.distanceSqToPoint(i);if(o<t){let c=new D;nc.closestPointToPoint(i,c),c.applyMatrix4(n);let l=s.ray.origin.distanceTo(c);if(l<s.near||l>s.far)return;a.push({distance:l,distanceToRay:Math.sqrt(o),point:c,index:e,face:null,faceIndex:null,barycoord:null,object:r})}}var Ns=class extends Bt{constructor(e=[],t=Si,n,s,a,r,o,c,l,d){super(e,t,n,s,a,r,o,c,l,d),this.isCubeTexture=!0,this.flipY=!1}get images(){return this.image}set images(e){this.image=e}};var On=class extends Bt{constructor(e,t,n=dn,s,a,r,o=wt,c=wt,l,d=Nn,h=1){if(d!==Nn&&d!==Bn)throw new Error("THREE.DepthTexture: format must be either THREE.DepthFormat or THREE.DepthStencilFormat");let f={width:e,height:t,depth:h};super(f,s,a,r,o,c,d,n,l),this.isDepthTexture=!0,this.flipY=!1,this.generateMipmaps=!1,this.compareFunction=null}copy(e){return super.copy(e),this.source=new $i(Object.assign({},e.image)),this.compareFunction=e.compareFunction,this}toJSON(e){let t=super.toJSON(e);return t.compareFunction=this.compareFunction,t}},Ds=class extends On{constructor(e,t=dn,n=Si,s,a,r=wt,o=wt,c,l=Nn){let d={width:e,height:e,depth:1},h=[d,d,d,d,d,d];super(e,e,t,n,s,a,r,o,c,l),this.image=h,this.isCubeDepthTexture=!0,this.isCubeTexture=!0}get images(){return this.image}set images(e){this.image=e}},Us=class extends Bt{constructor(e=null){super(),this.sourceTexture=e,this.isExternalTexture=!0}copy(e){return super.copy(e),this.sourceTexture=e.sourceTexture,this}},ns=class i extends zt{constructor(e=1,t=1,n=1,s=1,a=1,r=1){super(),this.type="BoxGeometry",this.parameters={width:e,height:t,depth:n,widthSegments:s,heightSegments:a,depthSegments:r};let o=this;s=Math.floor(s),a=Math.floor(a),r=Math.floor(r);let c=[],l=[],d=[],h=[],f=0,u=0;b("z","y","x",-1,-1,n,t,e,r,a,0),b("z","y","x",1,-1,n,t,-e,r,a,1),b("x","z","y",1,1,e,n,t,s,r,2),b("x","z","y",1,-1,e,n,-t,s,r,3),b("x","y","z",1,-1,e,t,n,s,a,4),b("x","y","z",-1,-1,e,t,-n,s,a,5),this.setIndex(c),this.setAttribute("position",new Ft(l,3)),this.setAttribute("normal",new Ft(d,3)),this.setAttribute("uv",new Ft(h,2));function b(y,p,m,v,E,M,A,T,g,w,B){let I=M/g,N=A/w,V=M/2,Y=A/2,P=T/2,X=g+1,K=w+1,G=0,ne=0,W=new D;for(let Q=0;Q<K;Q++){let ee=Q*N-Y;for(let Me=0;Me<X;Me++){let De=Me*I-V;W[y]=De*v,W[p]=ee*E,W[m]=P,l.push(W.x,W.y,W.z),W[y]=0,W[p]=0,W[m]=T>0?1:-1,d.push(W.x,W.y,W.z),h.push(Me/g),h.push(1-Q/w),G+=1}}for(let Q=0;Q<w;Q++)for(let ee=0;ee<g;ee++){let Me=f+ee+X*Q,De=f+ee+X*(Q+1),Z=f+(ee+1)+X*(Q+1),me=f+(ee+1)+X*Q;c.push(Me,De,me),c.push(De,Z,me),ne+=6}o.addGroup(u,ne,B),u+=ne,f+=G}}copy(e){return super.copy(e),this.parameters=Object.assign({},e.parameters),this}static fromJSON(e){return new i(e.width,e.height,e.depth,e.widthSegments,e.heightSegments,e.depthSegments)}};var Os=class i extends zt{constructor(e=1,t=1,n=1,s=1){super(),this.type="PlaneGeometry",this.parameters={width:e,height:t,widthSegments:n,heightSegments:s};let a=e/2,r=t/2,o=Math.floor(n),c=Math.floor(s),l=o+1,d=c+1,h=e/o,f=t/c,u=[],b=[],y=[],p=[];for(let m=0;m<d;m++){let v=m*f-r;for(let E=0;E<l;E++){let M=E*h-a;b.push(M,-v,0),y.push(0,0,1),p.push(E/o),p.push(1-m/c)}}for(let m=0;m<c;m++)for(let v=0;v<o;v++){let E=v+l*m,M=v+l*(m+1),A=v+1+l*(m+1),T=v+1+l*m;u.push(E,M,T),u.push(M,A,T)}this.setIndex(u),this.setAttribute("position",new Ft(b,3)),this.setAttribute("normal",new Ft(y,3)),this.setAttribute("uv",new Ft(p,2))}copy(e){return super.copy(e),this.parameters=Object.assign({},e.parameters),this}static fromJSON(e){return new i(e.width,e.height,e.widthSegments,e.heightSegments)}};function Ei(i){let e={};for(let t in i){e[t]={};for(let n in i[t]){let s=i[t][n];if(hd(s))s.isRenderTargetTexture?(Te("UniformsUtils: Textures of render targets cannot be cloned via cloneUniforms() or mergeUniforms()."),e[t][n]=null):e[t][n]=s.clone();else if(Array.isArray(s))if(hd(s[0])){let a=[];for(let r=0,o=s.length;r<o;r++)a[r]=s[r].clone();e[t][n]=a}else e[t][n]=s.slice();else e[t][n]=s}}return e}function Lt(i){let e={};for(let t=0;t<i.length;t++){let n=Ei(i[t]);for(let s in n)e[s]=n[s]}return e}function hd(i){return i&&(i.isColor||i.isMatrix3||i.isMatrix4||i.isVector2||i.isVector3||i.isVector4||i.isTexture||i.isQuaternion)}function _u(i){let e=[];for(let t=0;t<i.length;t++)e.push(i[t].clone());return e}function Fc(i){let e=i.getRenderTarget();return e===null?i.outputColorSpace:e.isXRRenderTarget===!0?e.texture.colorSpace:ke.workingColorSpace}var cf={clone:Ei,merge:Lt},xu=`void main() {
	gl_Position = projectionMatrix * modelViewMatrix * vec4( position, 1.0 );
}`,yu=`void main() {
	gl_FragColor = vec4( 1.0, 0.0, 0.0, 1.0 );
}`,xn=class extends _n{constructor(e){super(),this.isShaderMaterial=!0,this.type="ShaderMaterial",this.defines={},this.uniforms={},this.uniformsGroups=[],this.vertexShader=xu,this.fragmentShader=yu,this.linewidth=1,this.wireframe=!1,this.wireframeLinewidth=1,this.fog=!1,this.lights=!1,this.clipping=!1,this.forceSinglePass=!0,this.extensions={clipCullDistance:!1,multiDraw:!1},this.defaultAttributeValues={color:[1,1,1],uv:[0,0],uv1:[0,0]},this.index0AttributeName=void 0,this.uniformsNeedUpdate=!1,this.glslVersion=null,e!==void 0&&this.setValues(e)}copy(e){return super.copy(e),this.fragmentShader=e.fragmentShader,this.vertexShader=e.vertexShader,this.uniforms=Ei(e.uniforms),this.uniformsGroups=_u(e.uniformsGroups),this.defines=Object.assign({},e.defines),this.wireframe=e.wireframe,this.wireframeLinewidth=e.wireframeLinewidth,this.fog=e.fog,this.lights=e.lights,this.clipping=e.clipping,this.extensions=Object.assign({},e.extensions),this.glslVersion=e.glslVersion,this.defaultAttributeValues=Object.assign({},e.defaultAttributeValues),this.index0AttributeName=e.index0AttributeName,this.uniformsNeedUpdate=e.uniformsNeedUpdate,this}toJSON(e){let t=super.toJSON(e);t.glslVersion=this.glslVersion,t.uniforms={};for(let s in this.uniforms){let r=this.uniforms[s].value;r&&r.isTexture?t.uniforms[s]={type:"t",value:r.toJSON(e).uuid}:r&&r.isColor?t.uniforms[s]={type:"c",value:r.getHex()}:r&&r.isVector2?t.uniforms[s]={type:"v2",value:r.toArray()}:r&&r.isVector3?t.uniforms[s]={type:"v3",value:r.toArray()}:r&&r.isVector4?t.uniforms[s]={type:"v4",value:r.toArray()}:r&&r.isMatrix3?t.uniforms[s]={type:"m3",value:r.toArray()}:r&&r.isMatrix4?t.uniforms[s]={type:"m4",value:r.toArray()}:t.uniforms[s]={value:r}}Object.keys(this.defines).length>0&&(t.defines=this.defines),t.vertexShader=this.vertexShader,t.fragmentShader=this.fragmentShader,t.lights=this.lights,t.clipping=this.clipping;let n={};for(let s in this.extensions)this.extensions[s]===!0&&(n[s]=!0);return Object.keys(n).length>0&&(t.extensions=n),t}fromJSON(e,t){if(super.fromJSON(e,t),e.uniforms!==void 0)for(let n in e.uniforms){let s=e.uniforms[n];switch(this.uniforms[n]={},s.type){case"t":this.uniforms[n].value=t[s.value]||null;break;case"c":this.uniforms[n].value=new Ge().setHex(s.value);break;case"v2":this.uniforms[n].value=new Re().fromArray(s.value);break;case"v3":this.uniforms[n].value=new D().fromArray(s.value);break;case"v4":this.uniforms[n].value=new ot().fromArray(s.value);break;case"m3":this.uniforms[n].value=new Le().fromArray(s.value);break;case"m4":this.uniforms[n].value=new et().fromArray(s.value);break;default:this.uniforms[n].value=s.value}}if(e.defines!==void 0&&(this.defines=e.defines),e.vertexShader!==void 0&&(this.vertexShader=e.vertexShader),e.fragmentShader!==void 0&&(this.fragmentShader=e.fragmentShader),e.glslVersion!==void 0&&(this.glslVersion=e.glslVersion),e.extensions!==void 0)for(let n in e.extensions)this.extensions[n]=e.extensions[n];return e.lights!==void 0&&(this.lights=e.lights),e.clipping!==void 0&&(this.clipping=e.clipping),this}},Qa=class extends xn{constructor(e){super(e),this.isRawShaderMaterial=!0,this.type="RawShaderMaterial"}};var Fs=class extends _n{constructor(e){super(),this.isMeshLambertMaterial=!0,this.type="MeshLambertMaterial",this.color=new Ge(16777215),this.map=null,this.lightMap=null,this.lightMapIntensity=1,this.aoMap=null,this.aoMapIntensity=1,this.emissive=new Ge(0),this.emissiveIntensity=1,this.emissiveMap=null,this.bumpMap=null,this.bumpScale=1,this.normalMap=null,this.normalMapType=eo,this.normalScale=new Re(1,1),this.displacementMap=null,this.displacementScale=1,this.displacementBias=0,this.specularMap=null,this.alphaMap=null,this.envMap=null,this.envMapRotation=new Dn,this.combine=pr,this.reflectivity=1,this.envMapIntensity=1,this.refractionRatio=.98,this.wireframe=!1,this.wireframeLinewidth=1,this.wireframeLinecap="round",this.wireframeLinejoin="round",this.flatShading=!1,this.fog=!0,this.setValues(e)}copy(e){return super.copy(e),this.color.copy(e.color),this.map=e.map,this.lightMap=e.lightMap,this.lightMapIntensity=e.lightMapIntensity,this.aoMap=e.aoMap,this.aoMapIntensity=e.aoMapIntensity,this.emissive.copy(e.emissive),this.emissiveMap=e.emissiveMap,this.emissiveIntensity=e.emissiveIntensity,this.bumpMap=e.bumpMap,this.bumpScale=e.bumpScale,this.normalMap=e.normalMap,this.normalMapType=e.normalMapType,this.normalScale.copy(e.normalScale),this.displacementMap=e.displacementMap,this.displacementScale=e.displacementScale,this.displacementBias=e.displacementBias,this.specularMap=e.specularMap,this.alphaMap=e.alphaMap,this.envMap=e.envMap,this.envMapRotation.copy(e.envMapRotation),this.combine=e.combine,this.reflectivity=e.reflectivity,this.envMapIntensity=e.envMapIntensity,this.refractionRatio=e.refractionRatio,this.wireframe=e.wireframe,this.wireframeLinewidth=e.wireframeLinewidth,this.wireframeLinecap=e.wireframeLinecap,this.wireframeLinejoin=e.wireframeLinejoin,this.flatShading=e.flatShading,this.fog=e.fog,this}},er=class extends _n{constructor(e){super(),this.isMeshDepthMaterial=!0,this.type="MeshDepthMaterial",this.depthPacking=Xd,this.map=null,this.alphaMap=null,this.displacementMap=null,this.displacementScale=1,this.displacementBias=0,this.wireframe=!1,this.wireframeLinewidth=1,this.setValues(e)}copy(e){return super.copy(e),this.depthPacking=e.depthPacking,this.map=e.map,this.alphaMap=e.alphaMap,this.displacementMap=e.displacementMap,this.displacementScale=e.displacementScale,this.displacementBias=e.displacementBias,this.wireframe=e.wireframe,this.wireframeLinewidth=e.wireframeLinewidth,this}},tr=class extends _n{constructor(e){super(),this.isMeshDistanceMaterial=!0,this.type="MeshDistanceMaterial",this.map=null,this.alphaMap=null,this.displacementMap=null,this.displacementScale=1,this.displacementBias=0,this.setValues(e)}copy(e){return super.copy(e),this.map=e.map,this.alphaMap=e.alphaMap,this.displacementMap=e.displacementMap,this.displacementScale=e.displacementScale,this.displacementBias=e.displacementBias,this}};function ki(i,e){return!i||i.constructor===e?i:typeof e.BYTES_PER_ELEMENT=="number"?new e(i):Array.prototype.slice.call(i)}function Pa(i){return i!==void 0&&i.inTangents!==void 0&&i.outTangents!==void 0}var si=class{constructor(e,t,n,s){this.parameterPositions=e,this._cachedIndex=0,this.resultBuffer=s!==void 0?s:new t.constructor(n),this.sampleValues=t,this.valueSize=n,this.settings=null,this.DefaultSettings_={}}evaluate(e){let t=this.parameterPositions,n=this._cachedIndex,s=t[n],a=t[n-1];n:{e:{let r;t:{i:if(!(e<s)){for(let o=n+2;;){if(s===void 0){if(e<a)break i;return n=t.length,this._cachedIndex=n,this.copySampleValue_(n-1)}if(n===o)break;if(a=s,s=t[++n],e<s)break e}r=t.length;break t}if(!(e>=a)){let o=t[1];e<o&&(n=2,a=o);for(let c=n-2;;){if(a===void 0)return this._cachedIndex=0,this.copySampleValue_(0);if(n===c)break;if(s=a,a=t[--n-1],e>=a)break e}r=n,n=0;break t}break n}for(;n<r;){let o=n+r>>>1;e<t[o]?r=o:n=o+1}if(s=t[n],a=t[n-1],a===void 0)return this._cachedIndex=0,this.copySampleValue_(0);if(s===void 0)return n=t.length,this._cachedIndex=n,this.copySampleValue_(n-1)}this._cachedIndex=n,this.intervalChanged_(n,a,s)}return this.interpolate_(n,a,e,s)}getSettings_(){return this.settings||this.DefaultSettings_}copySampleValue_(e){let t=this.resultBuffer,n=this.sampleValues,s=this.valueSize,a=e*s;for(let r=0;r!==s;++r)t[r]=n[a+r];return t}interpolate_(){throw new Error("THREE.Interpolant: Call to abstract method.")}intervalChanged_(){}},nr=class extends si{constructor(e,t,n,s){super(e,t,n,s),this._weightPrev=-0,this._offsetPrev=-0,this._weightNext=-0,this._offsetNext=-0,this.DefaultSettings_={endingStart:Qo,endingEnd:Qo}}intervalChanged_(e,t,n){let s=this.parameterPositions,a=e-2,r=e+1,o=s[a],c=s[r];if(o===void 0)switch(this.getSettings_().endingStart){case ec:a=e,o=2*t-n;break;case tc:a=s.length-2,o=t+s[a]-s[a+1];break;default:a=e,o=n}if(c===void 0)switch(this.getSettings_().endingEnd){case ec:r=e,c=2*n-t;break;case tc:r=1,c=n+s[1]-s[0];break;default:r=e-1,c=t}let l=(n-t)*.5,d=this.valueSize;this._weightPrev=l/(t-o),this._weightNext=l/(c-n),this._offsetPrev=a*d,this._offsetNext=r*d}interpolate_(e,t,n,s){let a=this.resultBuffer,r=this.sampleValues,o=this.valueSize,c=e*o,l=c-o,d=this._offsetPrev,h=this._offsetNext,f=this._weightPrev,u=this._weightNext,b=(n-t)/(s-t),y=b*b,p=y*b,m=-f*p+2*f*y-f*b,v=(1+f)*p+(-1.5-2*f)*y+(-.5+f)*b+1,E=(-1-u)*p+(1.5+u)*y+.5*b,M=u*p-u*y;for(let A=0;A!==o;++A)a[A]=m*r[d+A]+v*r[l+A]+E*r[c+A]+M*r[h+A];return a}},ir=class extends si{constructor(e,t,n,s){super(e,t,n,s)}interpolate_(e,t,n,s){let a=this.resultBuffer,r=this.sampleValues,o=this.valueSize,c=e*o,l=c-o,d=(n-t)/(s-t),h=1-d;for(let f=0;f!==o;++f)a[f]=r[l+f]*h+r[c+f]*d;return a}},sr=class extends si{constructor(e,t,n,s){super(e,t,n,s)}interpolate_(e){return this.copySampleValue_(e-1)}},ar=class extends si{interpolate_(e,t,n,s){let a=this.resultBuffer,r=this.sampleValues,o=this.valueSize,c=e*o,l=c-o,d=this.inTangents,h=this.outTangents;if(!d||!h){let b=(n-t)/(s-t),y=1-b;for(let p=0;p!==o;++p)a[p]=r[l+p]*y+r[c+p]*b;return a}let f=o*2,u=e-1;for(let b=0;b!==o;++b){let y=r[l+b],p=r[c+b],m=u*f+b*2,v=h[m],E=h[m+1],M=e*f+b*2,A=d[M],T=d[M+1],g=Mu(n,t,v,A,s);a[b]=lf(g,y,E,T,p)}return a}};function lf(i,e,t,n,s){let a=1-i;return a*a*a*e+3*a*a*i*t+3*a*i*i*n+i*i*i*s}function vu(i,e,t,n,s){let a=1-i;return 3*a*a*(t-e)+6*a*i*(n-t)+3*i*i*(s-n)}function Mu(i,e,t,n,s){let a=(i-e)/(s-e);for(let r=0;r<8;r++){let o=lf(a,e,t,n,s)-i;if(Math.abs(o)<1e-10)break;let c=vu(a,e,t,n,s);if(Math.abs(c)<1e-10)break;a=Math.max(0,Math.min(1,a-o/c))}return a}var Jt=class{constructor(e,t,n,s){if(e===void 0)throw new Error("THREE.KeyframeTrack: track name is undefined");if(t===void 0||t.length===0)throw new Error("THREE.KeyframeTrack: no keyframes in track named "+e);this.name=e,this.times=ki(t,this.TimeBufferType),this.values=ki(n,this.ValueBufferType),this.setInterpolation(s||this.DefaultInterpolation)}static toJSON(e){let t=e.constructor,n;if(t.toJSON!==this.toJSON)n=t.toJSON(e);else{n={name:e.name,times:ki(e.times,Array),values:ki(e.values,Array)};let s=e.getInterpolation();s!==e.DefaultInterpolation&&(n.interpolation=s),Pa(e.settings)&&(n.settings={inTangents:ki(e.settings.inTangents,Array),outTangents:ki(e.settings.outTangents,Array)})}return n.type=e.ValueTypeName,n}InterpolantFactoryMethodDiscrete(e){return new sr(this.times,this.values,this.getValueSize(),e)}InterpolantFactoryMethodLinear(e){return new ir(this.times,this.values,this.getValueSize(),e)}InterpolantFactoryMethodSmooth(e){return new nr(this.times,this.values,this.getValueSize(),e)}InterpolantFactoryMethodBezier(e){let t=new ar(this.times,this.values,this.getValueSize(),e);return this.settings&&(t.inTangents=this.settings.inTangents,t.outTangents=this.settings.outTangents),t}setInterpolation(e){let t;switch(e){case Ts:t=this.InterpolantFactoryMethodDiscrete;break;case Wa:t=this.InterpolantFactoryMethodLinear;break;case Na:t=this.InterpolantFactoryMethodSmooth;break;case jo:t=this.InterpolantFactoryMethodBezier;break}if(t===void 0){let n="unsupported interpolation for "+this.ValueTypeName+" keyframe track named "+this.name;if(this.createInterpolant===void 0)if(e!==this.DefaultInterpolation)this.setInterpolation(this.DefaultInterpolation);else throw new Error(n);return Te("KeyframeTrack:",n),this}return this.createInterpolant=t,this}getInterpolation(){switch(this.createInterpolant){case this.InterpolantFactoryMethodDiscrete:return Ts;case this.InterpolantFactoryMethodLinear:return Wa;case this.InterpolantFactoryMethodSmooth:return Na;case this.InterpolantFactoryMethodBezier:return jo}}getValueSize(){return this.values.length/this.times.length}shift(e){if(e!==0){let t=this.times;for(let n=0,s=t.length;n!==s;++n)t[n]+=e;Pa(this.settings)&&(ud(this.settings.inTangents,e),ud(this.settings.outTangents,e))}return this}scale(e){if(e!==1){let t=this.times;for(let n=0,s=t.length;n!==s;++n)t[n]*=e;Pa(this.settings)&&(pd(this.settings.inTangents,e),pd(this.settings.outTangents,e))}return this}trim(e,t){let n=this.times,s=n.length,a=0,r=s-1;for(;a!==s&&n[a]<e;)++a;for(;r!==-1&&n[r]>t;)--r;if(++r,a!==0||r!==s){a>=r&&(r=Math.max(r,1),a=r-1);let o=this.getValueSize();this.times=n.slice(a,r),this.values=this.values.slice(a*o,r*o)}return this}validate(){let e=!0,t=this.getValueSize();t-Math.floor(t)!==0&&(Ie("KeyframeTrack: Invalid value size in track.",this),e=!1);let n=this.times,s=this.values,a=n.length;a===0&&(Ie("KeyframeTrack: Track is empty.",this),e=!1);let r=null;for(let o=0;o!==a;o++){let c=n[o];if(typeof c=="number"&&isNaN(c)){Ie("KeyframeTrack: Time is not a valid number.",this,o,c),e=!1;break}if(r!==null&&r>c){Ie("KeyframeTrack: Out of order keys.",this,o,c,r),e=!1;break}r=c}if(s!==void 0&&Bh(s))for(let o=0,c=s.length;o!==c;++o){let l=s[o];if(isNaN(l)){Ie("KeyframeTrack: Value is not a valid number.",this,o,l),e=!1;break}}return e}optimize(){let e=this.times.slice(),t=this.values.slice(),n=this.getValueSize(),s=this.getInterpolation()===Na,a=e.length-1,r=1;for(let o=1;o<a;++o){let c=!1,l=e[o],d=e[o+1];if(l!==d&&(o!==1||l!==e[0]))if(s)c=!0;else{let h=o*n,f=h-n,u=h+n;for(let b=0;b!==n;++b){let y=t[h+b];if(y!==t[f+b]||y!==t[u+b]){c=!0;break}}}if(c){if(o!==r){e[r]=e[o];let h=o*n,f=r*n;for(let u=0;u!==n;++u)t[f+u]=t[h+u]}++r}}if(a>0){e[r]=e[a];for(let o=a*n,c=r*n,l=0;l!==n;++l)t[c+l]=t[o+l];++r}return r!==e.length?(this.times=e.slice(0,r),this.values=t.slice(0,r*n)):(this.times=e,this.values=t),this}clone(){let e=this.times.slice(),t=this.values.slice(),n=this.constructor,s=new n(this.name,e,t);return s.createInterpolant=this.createInterpolant,Pa(this.settings)&&(s.settings={inTangents:this.settings.inTangents.slice(),outTangents:this.settings.outTangents.slice()}),s}};function ud(i,e){for(let t=0,n=i.length;t!==n;t+=2)i[t]+=e}function pd(i,e){for(let t=0,n=i.length;t!==n;t+=2)i[t]*=e}Jt.prototype.ValueTypeName="";Jt.prototype.TimeBufferType=Float32Array;Jt.prototype.ValueBufferType=Float32Array;Jt.prototype.DefaultInterpolation=Wa;var ai=class extends Jt{constructor(e,t,n){super(e,t,n)}};ai.prototype.ValueTypeName="bool";ai.prototype.ValueBufferType=Array;ai.prototype.DefaultInterpolation=Ts;ai.prototype.InterpolantFactoryMethodLinear=void 0;ai.prototype.InterpolantFactoryMethodSmooth=void 0;var rr=class extends Jt{constructor(e,t,n,s){super(e,t,n,s)}};rr.prototype.ValueTypeName="color";var or=class extends Jt{constructor(e,t,n,s){super(e,t,n,s)}};or.prototype.ValueTypeName="number";var cr=class extends si{constructor(e,t,n,s){super(e,t,n,s)}interpolate_(e,t,n,s){let a=this.resultBuffer,r=this.sampleValues,o=this.valueSize,c=(n-t)/(s-t),l=e*o;for(let d=l+o;l!==d;l+=4)$t.slerpFlat(a,0,r,l-o,r,l,c);return a}},Bs=class extends Jt{constructor(e,t,n,s){super(e,t,n,s)}InterpolantFactoryMethodLinear(e){return new cr(this.times,this.values,this.getValueSize(),e)}};Bs.prototype.ValueTypeName="quaternion";Bs.prototype.InterpolantFactoryMethodSmooth=void 0;var ri=class extends Jt{constructor(e,t,n){super(e,t,n)}};ri.prototype.ValueTypeName="string";ri.prototype.ValueBufferType=Array;ri.prototype.DefaultInterpolation=Ts;ri.prototype.InterpolantFactoryMethodLinear=void 0;ri.prototype.InterpolantFactoryMethodSmooth=void 0;var lr=class extends Jt{constructor(e,t,n,s){super(e,t,n,s)}};lr.prototype.ValueTypeName="vector";var dr=class{constructor(e,t,n){let s=this,a=!1,r=0,o=0,c,l=[];this.onStart=void 0,this.onLoad=e,this.onProgress=t,this.onError=n,this._abortController=null,this.itemStart=function(d){o++,a===!1&&s.onStart!==void 0&&s.onStart(d,r,o),a=!0},this.itemEnd=function(d){r++,s.onProgress!==void 0&&s.onProgress(d,r,o),r===o&&(a=!1,s.onLoad!==void 0&&s.onLoad())},this.itemError=function(d){s.onError!==void 0&&s.onError(d)},this.resolveURL=function(d){return d=d.normalize("NFC"),c?c(d):d},this.setURLModifier=function(d){return c=d,this},this.addHandler=function(d,h){return l.push(d,h),this},this.removeHandler=function(d){let h=l.indexOf(d);return h!==-1&&l.splice(h,2),this},this.getHandler=function(d){for(let h=0,f=l.length;h<f;h+=2){let u=l[h],b=l[h+1];if(u.global&&(u.lastIndex=0),u.test(d))return b}return null},this.abort=function(){return this.abortController.abort(),this._abortController=null,this}}get abortController(){return this._abortController||(this._abortController=new AbortController),this._abortController}},df=new dr,fr=class{constructor(e){this.manager=e!==void 0?e:df,this.crossOrigin="anonymous",this.withCredentials=!1,this.path="",this.resourcePath="",this.requestHeader={},this.priority="auto",this.cache="default",typeof __THREE_DEVTOOLS__<"u"&&__THREE_DEVTOOLS__.dispatchEvent(new CustomEvent("observe",{detail:this}))}load(){}loadAsync(e,t){let n=this;return new Promise(function(s,a){n.load(e,s,t,a)})}parse(){}setCrossOrigin(e){return this.crossOrigin=e,this}setWithCredentials(e){return this.withCredentials=e,this}setPath(e){return this.path=e,this}setResourcePath(e){return this.resourcePath=e,this}setRequestHeader(e){return this.requestHeader=e,this}setPriority(e){return this.priority=e,this}setCache(e){return this.cache=e,this}abort(){return this}};fr.DEFAULT_MATERIAL_NAME="__DEFAULT";var zs=class extends At{static registerNode(e){this.prototype._lightNode=e}constructor(e,t=1){super(),this.isLight=!0,this.type="Light",this.color=new Ge(e),this.intensity=t}copy(e,t){return super.copy(e,t),this.color.copy(e.color),this.intensity=e.intensity,this}toJSON(e){let t=super.toJSON(e);return t.object.color=this.color.getHex(),t.object.intensity=this.intensity,t}};var Ko=new et,md=new D,bd=new D,hr=class{constructor(e){this.camera=e,this.intensity=1,this.bias=0,this.biasNode=null,this.normalBias=0,this.radius=1,this.blurSamples=8,this.mapSize=new Re(512,512),this.mapType=Vt,this.map=null,this.mapPass=null,this.matrix=new et,this.autoUpdate=!0,this.needsUpdate=!1,this._frustum=new ii,this._frameExtents=new Re(1,1),this._viewportCount=1,this._viewports=[new ot(0,0,1,1)]}getViewportCount(){return this._viewportCount}getCamera(){return this.camera}getFrustum(){return this._frustum}updateMatrices(e){let t=this.camera;md.setFromMatrixPosition(e.matrixWorld),t.position.copy(md),bd.setFromMatrixPosition(e.target.matrixWorld),t.lookAt(bd),t.updateMatrixWorld(),this._updateMatrix(t,this.matrix,this._frustum)}_updateMatrix(e,t,n,s){Ko.multiplyMatrices(e.projectionMatrix,e.matrixWorldInverse),n.setFromProjectionMatrix(Ko,e.coordinateSystem,e.reversedDepth);let a=this._frameExtents,r=s?s.z/a.x:1,o=s?s.w/a.y:1,c=s?s.x/a.x:0,l=s?s.y/a.y:0;e.coordinateSystem===Xi||e.reversedDepth?t.set(.5*r,0,0,.5*r+c,0,.5*o,0,.5*o+l,0,0,1,0,0,0,0,1):t.set(.5*r,0,0,.5*r+c,0,.5*o,0,.5*o+l,0,0,.5,.5,0,0,0,1),t.multiply(Ko)}getViewport(e){return this._viewports[e]}getFrameExtents(){return this._frameExtents}dispose(){this.map&&this.map.dispose(),this.mapPass&&this.mapPass.dispose()}copy(e){return this.camera=e.camera.clone(),this.intensity=e.intensity,this.bias=e.bias,this.radius=e.radius,this.autoUpdate=e.autoUpdate,this.needsUpdate=e.needsUpdate,this.normalBias=e.normalBias,this.blurSamples=e.blurSamples,this.mapSize.copy(e.mapSize),this.mapType=e.mapType,this.biasNode=e.biasNode,this}clone(){return new this.constructor().copy(this)}toJSON(){let e={};return e.intensity=this.intensity,e.bias=this.bias,e.normalBias=this.normalBias,e.radius=this.radius,e.blurSamples=this.blurSamples,e.mapSize=this.mapSize.toArray(),e.mapType=this.mapType,e.camera=this.camera.toJSON(!1).object,delete e.camera.matrix,e}},Ia=new D,La=new $t,bn=new D,ks=class extends At{constructor(){super(),this.isCamera=!0,this.type="Camera",this.matrixWorldInverse=new et,this.projectionMatrix=new et,this.projectionMatrixInverse=new et,this.coordinateSystem=sn,this._reversedDepth=!1}get reversedDepth(){return this._reversedDepth}copy(e,t){return super.copy(e,t),this.matrixWorldInverse.copy(e.matrixWorldInverse),this.projectionMatrix.copy(e.projectionMatrix),this.projectionMatrixInverse.copy(e.projectionMatrixInverse),this.coordinateSystem=e.coordinateSystem,this}getWorldDirection(e){return super.getWorldDirection(e).negate()}updateMatrixWorld(e){super.updateMatrixWorld(e),this.matrixWorld.decompose(Ia,La,bn),bn.x===1&&bn.y===1&&bn.z===1?this.matrixWorldInverse.copy(this.matrixWorld).invert():this.matrixWorldInverse.compose(Ia,La,bn.set(1,1,1)).invert()}updateWorldMatrix(e,t,n=!1){super.updateWorldMatrix(e,t,n),this.matrixWorld.decompose(Ia,La,bn),bn.x===1&&bn.y===1&&bn.z===1?this.matrixWorldInverse.copy(this.matrixWorld).invert():this.matrixWorldInverse.compose(Ia,La,bn.set(1,1,1)).invert()}clone(){return new this.constructor().copy(this)}},Qn=new D,gd=new Re,_d=new Re,Yt=class extends ks{constructor(e=50,t=1,n=.1,s=2e3){super(),this.isPerspectiveCamera=!0,this.type="PerspectiveCamera",this.fov=e,this.zoom=1,this.near=n,this.far=s,this.focus=10,this.aspect=t,this.view=null,this.filmGauge=35,this.filmOffset=0,this.updateProjectionMatrix()}copy(e,t){return super.copy(e,t),this.fov=e.fov,this.zoom=e.zoom,this.near=e.near,this.far=e.far,this.focus=e.focus,this.aspect=e.aspect,this.view=e.view===null?null:Object.assign({},e.view),this.filmGauge=e.filmGauge,this.filmOffset=e.filmOffset,this}setFocalLength(e){let t=.5*this.getFilmHeight()/e;this.fov=Yi*2*Math.atan(t),this.updateProjectionMatrix()}getFocalLength(){let e=Math.tan(ws*.5*this.fov);return .5*this.getFilmHeight()/e}getEffectiveFOV(){return Yi*2*Math.atan(Math.tan(ws*.5*this.fov)/this.zoom)}getFilmWidth(){return this.filmGauge*Math.min(this.aspect,1)}getFilmHeight(){return this.filmGauge/Math.max(this.aspect,1)}getViewBounds(e,t,n){Qn.set(-1,-1,.5).applyMatrix4(this.projectionMatrixInverse),t.set(Qn.x,Qn.y).multiplyScalar(-e/Qn.z),Qn.set(1,1,.5).applyMatrix4(this.projectionMatrixInverse),n.set(Qn.x,Qn.y).multiplyScalar(-e/Qn.z)}getViewSize(e,t){return this.getViewBounds(e,gd,_d),t.subVectors(_d,gd)}setViewOffset(e,t,n,s,a,r){this.aspect=e/t,this.view===null&&(this.view={enabled:!0,fullWidth:1,fullHeight:1,offsetX:0,offsetY:0,width:1,height:1}),this.view.enabled=!0,this.view.fullWidth=e,this.view.fullHeight=t,this.view.offsetX=n,this.view.offsetY=s,this.view.width=a,this.view.height=r,this.updateProjectionMatrix()}clearViewOffset(){this.view!==null&&(this.view.enabled=!1),this.updateProjectionMatrix()}updateProjectionMatrix(){let e=this.near,t=e*Math.tan(ws*.5*this.fov)/this.zoom,n=2*t,s=this.aspect*n,a=-.5*s,r=this.view;if(this.view!==null&&this.view.enabled){let c=r.fullWidth,l=r.fullHeight;a+=r.offsetX*s/c,t-=r.offsetY*n/l,s*=r.width/c,n*=r.height/l}let o=this.filmOffset;o!==0&&(a+=e*o/this.getFilmWidth()),this.projectionMatrix.makePerspective(a,a+s,t,t-n,e,this.far,this.coordinateSystem,this.reversedDepth),this.projectionMatrixInverse.copy(this.projectionMatrix).invert()}toJSON(e){let t=super.toJSON(e);return t.object.fov=this.fov,t.object.zoom=this.zoom,t.object.near=this.near,t.object.far=this.far,t.object.focus=this.focus,t.object.aspect=this.aspect,this.view!==null&&(t.object.view=Object.assign({},this.view)),t.object.filmGauge=this.filmGauge,t.object.filmOffset=this.filmOffset,t}};var oi=class extends ks{constructor(e=-1,t=1,n=1,s=-1,a=.1,r=2e3){super(),this.isOrthographicCamera=!0,this.type="OrthographicCamera",this.zoom=1,this.view=null,this.left=e,this.right=t,this.top=n,this.bottom=s,this.near=a,this.far=r,this.updateProjectionMatrix()}copy(e,t){return super.copy(e,t),this.left=e.left,this.right=e.right,this.top=e.top,this.bottom=e.bottom,this.near=e.near,this.far=e.far,this.zoom=e.zoom,this.view=e.view===null?null:Object.assign({},e.view),this}setViewOffset(e,t,n,s,a,r){this.view===null&&(this.view={enabled:!0,fullWidth:1,fullHeight:1,offsetX:0,offsetY:0,width:1,height:1}),this.view.enabled=!0,this.view.fullWidth=e,this.view.fullHeight=t,this.view.offsetX=n,this.view.offsetY=s,this.view.width=a,this.view.height=r,this.updateProjectionMatrix()}clearViewOffset(){this.view!==null&&(this.view.enabled=!1),this.updateProjectionMatrix()}updateProjectionMatrix(){let e=(this.right-this.left)/(2*this.zoom),t=(this.top-this.bottom)/(2*this.zoom),n=(this.right+this.left)/2,s=(this.top+this.bottom)/2,a=n-e,r=n+e,o=s+t,c=s-t;if(this.view!==null&&this.view.enabled){let l=(this.right-this.left)/this.view.fullWidth/this.zoom,d=(this.top-this.bottom)/this.view.fullHeight/this.zoom;a+=l*this.view.offsetX,r=a+l*this.view.width,o-=d*this.view.offsetY,c=o-d*this.view.height}this.projectionMatrix.makeOrthographic(a,r,o,c,this.near,this.far,this.coordinateSystem,this.reversedDepth),this.projectionMatrixInverse.copy(this.projectionMatrix).invert()}toJSON(e){let t=super.toJSON(e);return t.object.zoom=this.zoom,t.object.left=this.left,t.object.right=this.right,t.object.top=this.top,t.object.bottom=this.bottom,t.object.near=this.near,t.object.far=this.far,this.view!==null&&(t.object.view=Object.assign({},this.view)),t}},ic=class extends hr{constructor(){super(new oi(-5,5,5,-5,.5,500)),this.isDirectionalLightShadow=!0}},Vs=class extends zs{constructor(e,t){super(e,t),this.isDirectionalLight=!0,this.type="DirectionalLight",this.position.copy(At.DEFAULT_UP),this.updateMatrix(),this.target=new At,this.shadow=new ic}dispose(){super.dispose(),this.shadow.dispose()}copy(e){return super.copy(e),this.target=e.target.clone(),this.shadow=e.shadow.clone(),this}toJSON(e){let t=super.toJSON(e);return t.object.shadow=this.shadow.toJSON(),t.object.target=this.target.uuid,t}},Gs=class extends zs{constructor(e,t){super(e,t),this.isAmbientLight=!0,this.type="AmbientLight"}};var Vi=-90,Gi=1,is=class extends At{constructor(e,t,n){super(),this.type="CubeCamera",this.renderTarget=n,this.coordinateSystem=null,this.activeMipmapLevel=0;let s=new Yt(Vi,Gi,e,t);s.layers=this.layers,this.add(s);let a=new Yt(Vi,Gi,e,t);a.layers=this.layers,this.add(a);let r=new Yt(Vi,Gi,e,t);r.layers=this.layers,this.add(r);let o=new Yt(Vi,Gi,e,t);o.layers=this.layers,this.add(o);let c=new Yt(Vi,Gi,e,t);c.layers=this.layers,this.add(c);let l=new Yt(Vi,Gi,e,t);l.layers=this.layers,this.add(l)}updateCoordinateSystem(){let e=this.coordinateSystem,t=this.children.concat(),[n,s,a,r,o,c]=t;for(let l of t)this.remove(l);if(e===sn)n.up.set(0,1,0),n.lookAt(1,0,0),s.up.set(0,1,0),s.lookAt(-1,0,0),a.up.set(0,0,-1),a.lookAt(0,1,0),r.up.set(0,0,1),r.lookAt(0,-1,0),o.up.set(0,1,0),o.lookAt(0,0,1),c.up.set(0,1,0),c.lookAt(0,0,-1);else if(e===Xi)n.up.set(0,-1,0),n.lookAt(-1,0,0),s.up.set(0,-1,0),s.lookAt(1,0,0),a.up.set(0,0,1),a.lookAt(0,1,0),r.up.set(0,0,-1),r.lookAt(0,-1,0),o.up.set(0,-1,0),o.lookAt(0,0,1),c.up.set(0,-1,0),c.lookAt(0,0,-1);else throw new Error("THREE.CubeCamera.updateCoordinateSystem(): Invalid coordinate system: "+e);for(let l of t)this.add(l),l.updateMatrixWorld()}update(e,t){this.parent===null&&this.updateMatrixWorld();let{renderTarget:n,activeMipmapLevel:s}=this;this.coordinateSystem!==e.coordinateSystem&&(this.coordinateSystem=e.coordinateSystem,this.updateCoordinateSystem());let[a,r,o,c,l,d]=this.children,h=e.getRenderTarget(),f=e.getActiveCubeFace(),u=e.getActiveMipmapLevel(),b=e.xr.enabled;e.xr.enabled=!1;let y=n.texture.mipmapsAutoUpdate;n.texture.mipmapsAutoUpdate=!1;let p=!1;e.isWebGLRenderer===!0?p=e.state.buffers.depth.getReversed():p=e.reversedDepthBuffer,e.setRenderTarget(n,0,s),p&&e.autoClear===!1&&e.clearDepth(),e.render(t,a),e.setRenderTarget(n,1,s),p&&e.autoClear===!1&&e.clearDepth(),e.render(t,r),e.setRenderTarget(n,2,s),p&&e.autoClear===!1&&e.clearDepth(),e.render(t,o),e.setRenderTarget(n,3,s),p&&e.autoClear===!1&&e.clearDepth(),e.render(t,c),e.setRenderTarget(n,4,s),p&&e.autoClear===!1&&e.clearDepth(),e.render(t,l),n.texture.mipmapsAutoUpdate=y,e.setRenderTarget(n,5,s),p&&e.autoClear===!1&&e.clearDepth(),e.render(t,d),e.setRenderTarget(h,f,u),e.xr.enabled=b,n.texture.needsPMREMUpdate=!0}},ur=class extends Yt{constructor(e=[]){super(),this.isArrayCamera=!0,this.isMultiViewCamera=!1,this.cameras=e,this.perCameraFrustumCulled=!1}};var Bc="\\[\\]\\.:\\/",Su=new RegExp("["+Bc+"]","g"),zc="[^"+Bc+"]",wu="[^"+Bc.replace("\\.","")+"]",Eu=/((?:WC+[\/:])*)/.source.replace("WC",zc),Tu=/(WCOD+)?/.source.replace("WCOD",wu),Au=/(?:\.(WC+)(?:\[(.+)\])?)?/.source.replace("WC",zc),Cu=/\.(WC+)(?:\[(.+)\])?/.source.replace("WC",zc),Ru=new RegExp("^"+Eu+Tu+Au+Cu+"$"),Pu=["material","materials","bones","map"],sc=class{constructor(e,t,n){let s=n||it.parseTrackName(t);this._targetGroup=e,this._bindings=e.subscribe_(t,s)}getValue(e,t){this.bind();let n=this._targetGroup.nCachedObjects_,s=this._bindings[n];s!==void 0&&s.getValue(e,t)}setValue(e,t){let n=this._bindings;for(let s=this._targetGroup.nCachedObjects_,a=n.length;s!==a;++s)n[s].setValue(e,t)}bind(){let e=this._bindings;for(let t=this._targetGroup.nCachedObjects_,n=e.length;t!==n;++t)e[t].bind()}unbind(){let e=this._bindings;for(let t=this._targetGroup.nCachedObjects_,n=e.length;t!==n;++t)e[t].unbind()}},it=class i{constructor(e,t,n){this.path=t,this.parsedPath=n||i.parseTrackName(t),this.node=i.findNode(e,this.parsedPath.nodeName),this.rootNode=e,this.getValue=this._getValue_unbound,this.setValue=this._setValue_unbound}static create(e,t,n){return e&&e.isAnimationObjectGroup?new i.Composite(e,t,n):new i(e,t,n)}static sanitizeNodeName(e){return e.replace(/\s/g,"_").replace(Su,"")}static parseTrackName(e){let t=Ru.exec(e);if(t===null)throw new Error("THREE.PropertyBinding: Cannot parse trackName: "+e);let n={nodeName:t[2],objectName:t[3],objectIndex:t[4],propertyName:t[5],propertyIndex:t[6]},s=n.nodeName&&n.nodeName.lastIndexOf(".");if(s!==void 0&&s!==-1){let a=n.nodeName.substring(s+1);Pu.indexOf(a)!==-1&&(n.nodeName=n.nodeName.substring(0,s),n.objectName=a)}if(n.propertyName===null||n.propertyName.length===0)throw new Error("THREE.PropertyBinding: can not parse propertyName from trackName: "+e);return n}static findNode(e,t){if(t===void 0||t===""||t==="."||t===-1||t===e.name||t===e.uuid)return e;if(e.skeleton){let n=e.skeleton.getBoneByName(t);if(n!==void 0)return n}if(e.children){let n=function(a){for(let r=0;r<a.length;r++){let o=a[r];if(o.name===t||o.uuid===t)return o;let c=n(o.children);if(c)return c}return null},s=n(e.children);if(s)return s}return null}_getValue_unavailable(){}_setValue_unavailable(){}_getValue_direct(e,t){e[t]=this.targetObject[this.propertyName]}_getValue_array(e,t){let n=this.resolvedProperty;for(let s=0,a=n.length;s!==a;++s)e[t++]=n[s]}_getValue_arrayElement(e,t){e[t]=this.resolvedProperty[this.propertyIndex]}_getValue_toArray(e,t){this.resolvedProperty.toArray(e,t)}_setValue_direct(e,t){this.targetObject[this.propertyName]=e[t]}_setValue_direct_setNeedsUpdate(e,t){this.targetObject[this.propertyName]=e[t],this.targetObject.needsUpdate=!0}_setValue_direct_setMatrixWorldNeedsUpdate(e,t){this.targetObject[this.propertyName]=e[t],this.targetObject.matrixWorldNeedsUpdate=!0}_setValue_array(e,t){let n=this.resolvedProperty;for(let s=0,a=n.length;s!==a;++s)n[s]=e[t++]}_setValue_array_setNeedsUpdate(e,t){let n=this.resolvedProperty;for(let s=0,a=n.length;s!==a;++s)n[s]=e[t++];this.targetObject.needsUpdate=!0}_setValue_array_setMatrixWorldNeedsUpdate(e,t){let n=this.resolvedProperty;for(let s=0,a=n.length;s!==a;++s)n[s]=e[t++];this.targetObject.matrixWorldNeedsUpdate=!0}_setValue_arrayElement(e,t){this.resolvedProperty[this.propertyIndex]=e[t]}_setValue_arrayElement_setNeedsUpdate(e,t){this.resolvedProperty[this.propertyIndex]=e[t],this.targetObject.needsUpdate=!0}_setValue_arrayElement_setMatrixWorldNeedsUpdate(e,t){this.resolvedProperty[this.propertyIndex]=e[t],this.targetObject.matrixWorldNeedsUpdate=!0}_setValue_fromArray(e,t){this.resolvedProperty.fromArray(e,t)}_setValue_fromArray_setNeedsUpdate(e,t){this.resolvedProperty.fromArray(e,t),this.targetObject.needsUpdate=!0}_setValue_fromArray_setMatrixWorldNeedsUpdate(e,t){this.resolvedProperty.fromArray(e,t),this.targetObject.matrixWorldNeedsUpdate=!0}_getValue_unbound(e,t){this.bind(),this.getValue(e,t)}_setValue_unbound(e,t){this.bind(),this.setValue(e,t)}bind(){let e=this.node,t=this.parsedPath,n=t.objectName,s=t.propertyName,a=t.propertyIndex;if(e||(e=i.findNode(this.rootNode,t.nodeName),this.node=e),this.getValue=this._getValue_unavailable,this.setValue=this._setValue_unavailable,!e){Te("PropertyBinding: No target node found for track: "+this.path+".");return}if(n){let l=t.objectIndex;switch(n){case"materials":if(!e.material){Ie("PropertyBinding: Can not bind to material as node does not have a material.",this);return}if(!e.material.materials){Ie("PropertyBinding: Can not bind to material.materials as node.material does not have a materials array.",this);return}e=e.material.materials;break;case"bones":if(!e.skeleton){Ie("PropertyBinding: Can not bind to bones as node does not have a skeleton.",this);return}e=e.skeleton.bones;for(let d=0;d<e.length;d++)if(e[d].name===l){l=d;break}break;case"map":if("map"in e){e=e.map;break}if(!e.material){Ie("PropertyBinding: Can not bind to material as node does not have a material.",this);return}if(!e.material.map){Ie("PropertyBinding: Can not bind to material.map as node.material does not have a map.",this);return}e=e.material.map;break;default:if(e[n]===void 0){Ie("PropertyBinding: Can not bind to objectName of node undefined.",this);return}e=e[n]}if(l!==void 0){if(e[l]===void 0){Ie("PropertyBinding: Trying to bind to objectIndex of objectName, but is undefined.",this,e);return}e=e[l]}}let r=e[s];if(r===void 0){let l=t.nodeName;Ie("PropertyBinding: Trying to update property for track: "+l+"."+s+" but it wasn't found.",e);return}let o=this.Versioning.None;this.targetObject=e,e.isMaterial===!0?o=this.Versioning.NeedsUpdate:e.isObject3D===!0&&(o=this.Versioning.MatrixWorldNeedsUpdate);let c=this.BindingType.Direct;if(a!==void 0){if(s==="morphTargetInfluences"){if(!e.geometry){Ie("PropertyBinding: Can not bind to morphTargetInfluences because node does not have a geometry.",this);return}if(!e.geometry.morphAttributes){Ie("PropertyBinding: Can not bind to morphTargetInfluences because node does not have a geometry.morphAttributes.",this);return}e.morphTargetDictionary[a]!==void 0&&(a=e.morphTargetDictionary[a])}c=this.BindingType.ArrayElement,this.resolvedProperty=r,this.propertyIndex=a}else r.fromArray!==void 0&&r.toArray!==void 0?(c=this.BindingType.HasFromToArray,this.resolvedProperty=r):Array.isArray(r)?(c=this.BindingType.EntireArray,this.resolvedProperty=r):this.propertyName=s;this.getValue=this.GetterByBindingType[c],this.setValue=this.SetterByBindingTypeAndVersioning[c][o]}unbind(){this.node=null,this.getValue=this._getValue_unbound,this.setValue=this._setValue_unbound}};it.Composite=sc;it.prototype.BindingType={Direct:0,EntireArray:1,ArrayElement:2,HasFromToArray:3};it.prototype.Versioning={None:0,NeedsUpdate:1,MatrixWorldNeedsUpdate:2};it.prototype.GetterByBindingType=[it.prototype._getValue_direct,it.prototype._getValue_array,it.prototype._getValue_arrayElement,it.prototype._getValue_toArray];it.prototype.SetterByBindingTypeAndVersioning=[[it.prototype._setValue_direct,it.prototype._setValue_direct_setNeedsUpdate,it.prototype._setValue_direct_setMatrixWorldNeedsUpdate],[it.prototype._setValue_array,it.prototype._setValue_array_setNeedsUpdate,it.prototype._setValue_array_setMatrixWorldNeedsUpdate],[it.prototype._setValue_arrayElement,it.prototype._setValue_arrayElement_setNeedsUpdate,it.prototype._setValue_arrayElement_setMatrixWorldNeedsUpdate],[it.prototype._setValue_fromArray,it.prototype._setValue_fromArray_setNeedsUpdate,it.prototype._setValue_fromArray_setMatrixWorldNeedsUpdate]];var ag=new Float32Array(1);var xd=new et,Hs=class{constructor(e,t,n=0,s=1/0){this.ray=new Un(e,t),this.near=n,this.far=s,this.camera=null,this.layers=new Zi,this.params={Mesh:{},Line:{threshold:1},LOD:{},Points:{threshold:1},Sprite:{}}}set(e,t){this.ray.set(e,t)}setFromCamera(e,t){t.isPerspectiveCamera?(this.ray.origin.setFromMatrixPosition(t.matrixWorld),this.ray.direction.set(e.x,e.y,.5).unproject(t).sub(this.ray.origin).normalize(),this.camera=t):t.isOrthographicCamera?(this.ray.origin.set(e.x,e.y,t.projectionMatrix.elements[14]).unproject(t),this.ray.direction.set(0,0,-1).transformDirection(t.matrixWorld),this.camera=t):Ie("Raycaster: Unsupported camera type: "+t.type)}setFromXRController(e){return xd.identity().extractRotation(e.matrixWorld),this.ray.origin.setFromMatrixPosition(e.matrixWorld),this.ray.direction.set(0,0,-1).applyMatrix4(xd),this}intersectObject(e,t=!0,n=[]){return ac(e,this,n,t),n.sort(yd),n}intersectObjects(e,t=!0,n=[]){for(let s=0,a=e.length;s<a;s++)ac(e[s],this,n,t);return n.sort(yd),n}};function yd(i,e){return i.distance-e.distance}function ac(i,e,t,n){let s=!0;if(i.layers.test(e.layers)&&i.raycast(e,t)===!1&&(s=!1),s===!0&&n===!0){let a=i.children;for(let r=0,o=a.length;r<o;r++)ac(a[r],e,t,!0)}}var ss=class{constructor(e=1,t=0,n=0){this.radius=e,this.phi=t,this.theta=n}set(e,t,n){return this.radius=e,this.phi=t,this.theta=n,this}copy(e){return this.radius=e.radius,this.phi=e.phi,this.theta=e.theta,this}makeSafe(){return this.phi=Ve(this.phi,1e-6,Math.PI-1e-6),this}setFromVector3(e){return this.setFromCartesianCoords(e.x,e.y,e.z)}setFromCartesianCoords(e,t,n){return this.radius=Math.sqrt(e*e+t*t+n*n),this.radius===0?(this.theta=0,this.phi=0):(this.theta=Math.atan2(e,n),this.phi=Math.acos(Ve(t/this.radius,-1,1))),this}clone(){return new this.constructor().copy(this)}};var rc=class{static{this.prototype.isMatrix2=!0}constructor(e,t,n,s){this.elements=[1,0,0,1],e!==void 0&&this.set(e,t,n,s)}identity(){return this.set(1,0,0,1),this}fromArray(e,t=0){for(let n=0;n<4;n++)this.elements[n]=e[n+t];return this}set(e,t,n,s){let a=this.elements;return a[0]=e,a[2]=t,a[1]=n,a[3]=s,this}};var Ws=class extends ln{constructor(e,t=null){super(),this.object=e,this.domElement=t,this.enabled=!0,this.state=-1,this.keys={},this.mouseButtons={LEFT:null,MIDDLE:null,RIGHT:null},this.touches={ONE:null,TWO:null}}connect(e){this.domElement!==null&&this.disconnect(),this.domElement=e}disconnect(){}dispose(){}update(){}};function kc(i,e,t,n){let s=Iu(n);switch(t){case Ec:return i*e;case Ac:return i*e/s.components*s.byteLength;case vr:return i*e/s.components*s.byteLength;case fi:return i*e*2/s.components*s.byteLength;case Mr:return i*e*2/s.components*s.byteLength;case Tc:return i*e*3/s.components*s.byteLength;case un:return i*e*4/s.components*s.byteLength;case Sr:return i*e*4/s.components*s.byteLength;case Ys:case $s:return Math.floor((i+3)/4)*Math.floor((e+3)/4)*8;case Zs:case Js:return Math.floor((i+3)/4)*Math.floor((e+3)/4)*16;case Er:case Ar:return Math.max(i,16)*Math.max(e,8)/4;case wr:case Tr:return Math.max(i,8)*Math.max(e,8)/2;case Cr:case Rr:case Ir:case Lr:return Math.floor((i+3)/4)*Math.floor((e+3)/4)*8;case Pr:case Ks:case Nr:return Math.floor((i+3)/4)*Math.floor((e+3)/4)*16;case Dr:return Math.floor((i+3)/4)*Math.floor((e+3)/4)*16;case Ur:return Math.floor((i+4)/5)*Math.floor((e+3)/4)*16;case Or:return Math.floor((i+4)/5)*Math.floor((e+4)/5)*16;case Fr:return Math.floor((i+5)/6)*Math.floor((e+4)/5)*16;case Br:return Math.floor((i+5)/6)*Math.floor((e+5)/6)*16;case zr:return Math.floor((i+7)/8)*Math.floor((e+4)/5)*16;case kr:return Math.floor((i+7)/8)*Math.floor((e+5)/6)*16;case Vr:return Math.floor((i+7)/8)*Math.floor((e+7)/8)*16;case Gr:return Math.floor((i+9)/10)*Math.floor((e+4)/5)*16;case Hr:return Math.floor((i+9)/10)*Math.floor((e+5)/6)*16;case Wr:return Math.floor((i+9)/10)*Math.floor((e+7)/8)*16;case Xr:return Math.floor((i+9)/10)*Math.floor((e+9)/10)*16;case qr:return Math.floor((i+11)/12)*Math.floor((e+9)/10)*16;case Yr:return Math.floor((i+11)/12)*Math.floor((e+11)/12)*16;case $r:case Zr:case Jr:return Math.ceil(i/4)*Math.ceil(e/4)*16;case Kr:case jr:return Math.ceil(i/4)*Math.ceil(e/4)*8;case js:case Qr:return Math.ceil(i/4)*Math.ceil(e/4)*16}throw new Error(`Unable to determine texture byte length for ${t} format.`)}function Iu(i){switch(i){case Vt:case vc:return{byteLength:1,components:1};case cs:case Mc:case hn:return{byteLength:2,components:1};case xr:case yr:return{byteLength:2,components:4};case dn:case _r:case fn:return{byteLength:4,components:1};case Sc:case wc:return{byteLength:4,components:3}}throw new Error(`THREE.TextureUtils: Unknown texture type ${i}.`)}typeof __THREE_DEVTOOLS__<"u"&&__THREE_DEVTOOLS__.dispatchEvent(new CustomEvent("register",{detail:{revision:"187"}}));typeof window<"u"&&(window.__THREE__?Te("WARNING: Multiple instances of Three.js being imported."):window.__THREE__="187");function Lf(){let i=null,e=!1,t=null,n=null;function s(a,r){n=i.requestAnimationFrame(s),t(a,r)}return{start:function(){e!==!0&&t!==null&&i!==null&&(n=i.requestAnimationFrame(s),e=!0)},stop:function(){i!==null&&i.cancelAnimationFrame(n),e=!1},setAnimationLoop:function(a){t=a},setContext:function(a){i=a}}}function Nu(i){let e=new WeakMap;function t(o,c){let l=o.array,d=o.usage,h=l.byteLength,f=i.createBuffer();i.bindBuffer(c,f),i.bufferData(c,l,d),o.onUploadCallback();let u;if(l instanceof Float32Array)u=i.FLOAT;else if(typeof Float16Array<"u"&&l instanceof Float16Array)u=i.HALF_FLOAT;else if(l instanceof Uint16Array)o.isFloat16BufferAttribute?u=i.HALF_FLOAT:u=i.UNSIGNED_SHORT;else if(l instanceof Int16Array)u=i.SHORT;else if(l instanceof Uint32Array)u=i.UNSIGNED_INT;else if(l instanceof Int32Array)u=i.INT;else if(l instanceof Int8Array)u=i.BYTE;else if(l instanceof Uint8Array)u=i.UNSIGNED_BYTE;else if(l instanceof Uint8ClampedArray)u=i.UNSIGNED_BYTE;else throw new Error("THREE.WebGLAttributes: Unsupported buffer data format: "+l);return{buffer:f,type:u,bytesPerElement:l.BYTES_PER_ELEMENT,version:o.version,size:h}}function n(o,c,l){let d=c.array,h=c.updateRanges;if(i.bindBuffer(l,o),h.length===0)i.bufferSubData(l,0,d);else{h.sort((u,b)=>u.start-b.start);let f=0;for(let u=1;u<h.length;u++){let b=h[f],y=h[u];y.start<=b.start+b.count+1?b.count=Math.max(b.count,y.start+y.count-b.start):(++f,h[f]=y)}h.length=f+1;for(let u=0,b=h.length;u<b;u++){let y=h[u];i.bufferSubData(l,y.start*d.BYTES_PER_ELEMENT,d,y.start,y.count)}c.clearUpdateRanges()}c.onUploadCallback()}function s(o){return o.isInterleavedBufferAttribute&&(o=o.data),e.get(o)}function a(o){o.isInterleavedBufferAttribute&&(o=o.data);let c=e.get(o);c&&(i.deleteBuffer(c.buffer),e.delete(o))}function r(o,c){if(o.isInterleavedBufferAttribute&&(o=o.data),o.isGLBufferAttribute){let d=e.get(o);(!d||d.version<o.version)&&e.set(o,{buffer:o.buffer,type:o.type,bytesPerElement:o.elementSize,version:o.version});return}let l=e.get(o);if(l===void 0)e.set(o,t(o,c));else if(l.version<o.version){if(l.size!==o.array.byteLength)throw new Error("THREE.WebGLAttributes: The size of the buffer attribute's array buffer does not match the original size. Resizing buffer attributes is not supported.");n(l.buffer,o,c),l.version=o.version}}return{get:s,remove:a,update:r}}var Du=`#ifdef USE_ALPHAHASH
	if ( diffuseColor.a < getAlphaHashThreshold( vPosition ) ) discard;
#endif`,Uu=`#ifdef USE_ALPHAHASH
	const float ALPHA_HASH_SCALE = 0.05;
	float hash2D( vec2 value ) {
		return fract( 1.0e4 * sin( 17.0 * value.x + 0.1 * value.y ) * ( 0.1 + abs( sin( 13.0 * value.y + value.x ) ) ) );
	}
	float hash3D( vec3 value ) {
		return hash2D( vec2( hash2D( value.xy ), value.z ) );
	}
	float getAlphaHashThreshold( vec3 position ) {
		float maxDeriv = max(
			length( dFdx( position.xyz ) ),
			length( dFdy( position.xyz ) )
		);
		float pixScale = 1.0 / ( ALPHA_HASH_SCALE * maxDeriv );
		vec2 pixScales = vec2(
			exp2( floor( log2( pixScale ) ) ),
			exp2( ceil( log2( pixScale ) ) )
		);
		vec2 alpha = vec2(
			hash3D( floor( pixScales.x * position.xyz ) ),
			hash3D( floor( pixScales.y * position.xyz ) )
		);
		float lerpFactor = fract( log2( pixScale ) );
		float x = ( 1.0 - lerpFactor ) * alpha.x + lerpFactor * alpha.y;
		float a = min( lerpFactor, 1.0 - lerpFactor );
		vec3 cases = vec3(
			x * x / ( 2.0 * a * ( 1.0 - a ) ),
			( x - 0.5 * a ) / ( 1.0 - a ),
			1.0 - ( ( 1.0 - x ) * ( 1.0 - x ) / ( 2.0 * a * ( 1.0 - a ) ) )
		);
		float threshold = ( x < ( 1.0 - a ) )
			? ( ( x < a ) ? cases.x : cases.y )
			: cases.z;
		return clamp( threshold , 1.0e-6, 1.0 );
	}
#endif`,Ou=`#ifdef USE_ALPHAMAP
	diffuseColor.a *= texture2D( alphaMap, vAlphaMapUv ).g;
#endif`,Fu=`#ifdef USE_ALPHAMAP
	uniform sampler2D alphaMap;
#endif`,Bu=`#ifdef USE_ALPHATEST
	#ifdef ALPHA_TO_COVERAGE
	diffuseColor.a = smoothstep( alphaTest, alphaTest + fwidth( diffuseColor.a ), diffuseColor.a );
	if ( diffuseColor.a == 0.0 ) discard;
	#else
	if ( diffuseColor.a < alphaTest ) discard;
	#endif
#endif`,zu=`#ifdef USE_ALPHATEST
	uniform float alphaTest;
#endif`,ku=`#ifdef USE_AOMAP
	float ambientOcclusion = ( texture2D( aoMap, vAoMapUv ).r - 1.0 ) * aoMapIntensity + 1.0;
	reflectedLight.indirectDiffuse *= ambientOcclusion;
	#if defined( USE_CLEARCOAT ) 
		clearcoatSpecularIndirect *= ambientOcclusion;
	#endif
	#if defined( USE_SHEEN ) 
		sheenSpecularIndirect *= ambientOcclusion;
	#endif
	#if defined( USE_ENVMAP ) && defined( STANDARD )
		float dotNV = saturate( dot( geometryNormal, geometryViewDir ) );
		reflectedLight.indirectSpecular *= computeSpecularOcclusion( dotNV, ambientOcclusion, material.roughness );
	#endif
#endif`,Vu=`#ifdef USE_AOMAP
	uniform sampler2D aoMap;
	uniform float aoMapIntensity;
#endif`,Gu=`#ifdef USE_BATCHING
	#if ! defined( GL_ANGLE_multi_draw )
	#define gl_DrawID _gl_DrawID
	uniform int _gl_DrawID;
	#endif
	uniform highp sampler2D batchingTexture;
	uniform highp usampler2D batchingIdTexture;
	mat4 getBatchingMatrix( const in float i ) {
		int size = textureSize( batchingTexture, 0 ).x;
		int j = int( i ) * 4;
		int x = j % size;
		int y = j / size;
		vec4 v1 = texelFetch( batchingTexture, ivec2( x, y ), 0 );
		vec4 v2 = texelFetch( batchingTexture, ivec2( x + 1, y ), 0 );
		vec4 v3 = texelFetch( batchingTexture, ivec2( x + 2, y ), 0 );
		vec4 v4 = texelFetch( batchingTexture, ivec2( x + 3, y ), 0 );
		return mat4( v1, v2, v3, v4 );
	}
	float getIndirectIndex( const in int i ) {
		int size = textureSize( batchingIdTexture, 0 ).x;
		int x = i % size;
		int y = i / size;
		return float( texelFetch( batchingIdTexture, ivec2( x, y ), 0 ).r );
	}
#endif
#ifdef USE_BATCHING_COLOR
	uniform sampler2D batchingColorTexture;
	vec4 getBatchingColor( const in float i ) {
		int size = textureSize( batchingColorTexture, 0 ).x;
		int j = int( i );
		int x = j % size;
		int y = j / size;
		return texelFetch( batchingColorTexture, ivec2( x, y ), 0 );
	}
#endif`,Hu=`#ifdef USE_BATCHING
	mat4 batchingMatrix = getBatchingMatrix( getIndirectIndex( gl_DrawID ) );
#endif`,Wu=`vec3 transformed = vec3( position );
#ifdef USE_ALPHAHASH
	vPosition = vec3( position );
#endif`,Xu=`vec3 objectNormal = vec3( normal );
#ifdef USE_TANGENT
	vec3 objectTangent = vec3( tangent.xyz );
#endif`,qu=`float G_BlinnPhong_Implicit( ) {
	return 0.25;
}
float D_BlinnPhong( const in float shininess, const in float dotNH ) {
	return RECIPROCAL_PI * ( shininess * 0.5 + 1.0 ) * pow( dotNH, shininess );
}
vec3 BRDF_BlinnPhong( const in vec3 lightDir, const in vec3 viewDir, const in vec3 normal, const in vec3 specularColor, const in float shininess ) {
	vec3 halfDir = normalize( lightDir + viewDir );
	float dotNH = saturate( dot( normal, halfDir ) );
	float dotVH = saturate( dot( viewDir, halfDir ) );
	vec3 F = F_Schlick( specularColor, 1.0, dotVH );
	float G = G_BlinnPhong_Implicit( );
	float D = D_BlinnPhong( shininess, dotNH );
	return F * ( G * D );
} // validated`,Yu=`#ifdef USE_IRIDESCENCE
	const mat3 XYZ_TO_REC709 = mat3(
		 3.2404542, -0.9692660,  0.0556434,
		-1.5371385,  1.8760108, -0.2040259,
		-0.4985314,  0.0415560,  1.0572252
	);
	vec3 Fresnel0ToIor( vec3 fresnel0 ) {
		vec3 sqrtF0 = sqrt( fresnel0 );
		return ( vec3( 1.0 ) + sqrtF0 ) / ( vec3( 1.0 ) - sqrtF0 );
	}
	vec3 IorToFresnel0( vec3 transmittedIor, float incidentIor ) {
		return pow2( ( transmittedIor - vec3( incidentIor ) ) / ( transmittedIor + vec3( incidentIor ) ) );
	}
	float IorToFresnel0( float transmittedIor, float incidentIor ) {
		return pow2( ( transmittedIor - incidentIor ) / ( transmittedIor + incidentIor ));
	}
	vec3 evalSensitivity( float OPD, vec3 shift ) {
		float phase = 2.0 * PI * OPD * 1.0e-9;
		vec3 val = vec3( 5.4856e-13, 4.4201e-13, 5.2481e-13 );
		vec3 pos = vec3( 1.6810e+06, 1.7953e+06, 2.2084e+06 );
		vec3 var = vec3( 4.3278e+09, 9.3046e+09, 6.6121e+09 );
		vec3 xyz = val * sqrt( 2.0 * PI * var ) * cos( pos * phase + shift ) * exp( - pow2( phase ) * var );
		xyz.x += 9.7470e-14 * sqrt( 2.0 * PI * 4.5282e+09 ) * cos( 2.2399e+06 * phase + shift[ 0 ] ) * exp( - 4.5282e+09 * pow2( phase ) );
		xyz /= 1.0685e-7;
		vec3 rgb = XYZ_TO_REC709 * xyz;
		return rgb;
	}
	vec3 evalIridescence( float outsideIOR, float eta2, float cosTheta1, float thinFilmThickness, vec3 baseF0 ) {
		vec3 I;
		float iridescenceIOR = mix( outsideIOR, eta2, smoothstep( 0.0, 0.03, thinFilmThickness ) );
		float sinTheta2Sq = pow2( outsideIOR / iridescenceIOR ) * ( 1.0 - pow2( cosTheta1 ) );
		float cosTheta2Sq = 1.0 - sinTheta2Sq;
		if ( cosTheta2Sq < 0.0 ) {
			return vec3( 1.0 );
		}
		float cosTheta2 = sqrt( cosTheta2Sq );
		float R0 = IorToFresnel0( iridescenceIOR, outsideIOR );
		float R12 = F_Schlick( R0, 1.0, cosTheta1 );
		float T121 = 1.0 - R12;
		float phi12 = 0.0;
		if ( iridescenceIOR < outsideIOR ) phi12 = PI;
		float phi21 = PI - phi12;
		vec3 baseIOR = Fresnel0ToIor( clamp( baseF0, 0.0, 0.9999 ) );		vec3 R1 = IorToFresnel0( baseIOR, iridescenceIOR );
		vec3 R23 = F_Schlick( R1, 1.0, cosTheta2 );
		vec3 phi23 = vec3( 0.0 );
		if ( baseIOR[ 0 ] < iridescenceIOR ) phi23[ 0 ] = PI;
		if ( baseIOR[ 1 ] < iridescenceIOR ) phi23[ 1 ] = PI;
		if ( baseIOR[ 2 ] < iridescenceIOR ) phi23[ 2 ] = PI;
		float OPD = 2.0 * iridescenceIOR * thinFilmThickness * cosTheta2;
		vec3 phi = vec3( phi21 ) + phi23;
		vec3 R123 = clamp( R12 * R23, 1e-5, 0.9999 );
		vec3 r123 = sqrt( R123 );
		vec3 Rs = pow2( T121 ) * R23 / ( vec3( 1.0 ) - R123 );
		vec3 C0 = R12 + Rs;
		I = C0;
		vec3 Cm = Rs - T121;
		for ( int m = 1; m <= 2; ++ m ) {
			Cm *= r123;
			vec3 Sm = 2.0 * evalSensitivity( float( m ) * OPD, float( m ) * phi );
			I += Cm * Sm;
		}
		return max( I, vec3( 0.0 ) );
	}
#endif`,$u=`#ifdef USE_BUMPMAP
	uniform sampler2D bumpMap;
	uniform float bumpScale;
	vec2 dHdxy_fwd() {
		vec2 dSTdx = dFdx( vBumpMapUv );
		vec2 dSTdy = dFdy( vBumpMapUv );
		float Hll = bumpScale * texture2D( bumpMap, vBumpMapUv ).x;
		float dBx = bumpScale * texture2D( bumpMap, vBumpMapUv + dSTdx ).x - Hll;
		float dBy = bumpScale * texture2D( bumpMap, vBumpMapUv + dSTdy ).x - Hll;
		return vec2( dBx, dBy );
	}
	vec3 perturbNormalArb( vec3 surf_pos, vec3 surf_norm, vec2 dHdxy, float faceDirection ) {
		vec3 vSigmaX = normalize( dFdx( surf_pos.xyz ) );
		vec3 vSigmaY = normalize( dFdy( surf_pos.xyz ) );
		vec3 vN = surf_norm;
		vec3 R1 = cross( vSigmaY, vN );
		vec3 R2 = cross( vN, vSigmaX );
		float fDet = dot( vSigmaX, R1 ) * faceDirection;
		vec3 vGrad = sign( fDet ) * ( dHdxy.x * R1 + dHdxy.y * R2 );
		return normalize( abs( fDet ) * surf_norm - vGrad );
	}
#endif`,Zu=`#if NUM_CLIPPING_PLANES > 0
	vec4 plane;
	#ifdef ALPHA_TO_COVERAGE
		float distanceToPlane, distanceGradient;
		float clipOpacity = 1.0;
		#pragma unroll_loop_start
		for ( int i = 0; i < UNION_CLIPPING_PLANES; i ++ ) {
			plane = clippingPlanes[ i ];
			distanceToPlane = - dot( vClipPosition, plane.xyz ) + plane.w;
			distanceGradient = fwidth( distanceToPlane ) / 2.0;
			clipOpacity *= smoothstep( - distanceGradient, distanceGradient, distanceToPlane );
			if ( clipOpacity == 0.0 ) discard;
		}
		#pragma unroll_loop_end
		#if UNION_CLIPPING_PLANES < NUM_CLIPPING_PLANES
			float unionClipOpacity = 1.0;
			#pragma unroll_loop_start
			for ( int i = UNION_CLIPPING_PLANES; i < NUM_CLIPPING_PLANES; i ++ ) {
				plane = clippingPlanes[ i ];
				distanceToPlane = - dot( vClipPosition, plane.xyz ) + plane.w;
				distanceGradient = fwidth( distanceToPlane ) / 2.0;
				unionClipOpacity *= 1.0 - smoothstep( - distanceGradient, distanceGradient, distanceToPlane );
			}
			#pragma unroll_loop_end
			clipOpacity *= 1.0 - unionClipOpacity;
		#endif
		diffuseColor.a *= clipOpacity;
		if ( diffuseColor.a == 0.0 ) discard;
	#else
		#pragma unroll_loop_start
		for ( int i = 0; i < UNION_CLIPPING_PLANES; i ++ ) {
			plane = clippingPlanes[ i ];
			if ( dot( vClipPosition, plane.xyz ) > plane.w ) discard;
		}
		#pragma unroll_loop_end
		#if UNION_CLIPPING_PLANES < NUM_CLIPPING_PLANES
			bool clipped = true;
			#pragma unroll_loop_start
			for ( int i = UNION_CLIPPING_PLANES; i < NUM_CLIPPING_PLANES; i ++ ) {
				plane = clippingPlanes[ i ];
				clipped = ( dot( vClipPosition, plane.xyz ) > plane.w ) && clipped;
			}
			#pragma unroll_loop_end
			if ( clipped ) discard;
		#endif
	#endif
#endif`,Ju=`#if NUM_CLIPPING_PLANES > 0
	varying vec3 vClipPosition;
	uniform vec4 clippingPlanes[ NUM_CLIPPING_PLANES ];
#endif`,Ku=`#if NUM_CLIPPING_PLANES > 0
	varying vec3 vClipPosition;
#endif`,ju=`#if NUM_CLIPPING_PLANES > 0
	vClipPosition = - mvPosition.xyz;
#endif`,Qu=`#if defined( USE_COLOR ) || defined( USE_COLOR_ALPHA )
	diffuseColor *= vColor;
#endif`,e0=`#if defined( USE_COLOR ) || defined( USE_COLOR_ALPHA )
	varying vec4 vColor;
#endif`,t0=`#if defined( USE_COLOR ) || defined( USE_COLOR_ALPHA ) || defined( USE_INSTANCING_COLOR ) || defined( USE_BATCHING_COLOR )
	varying vec4 vColor;
#endif`,n0=`#if defined( USE_COLOR ) || defined( USE_COLOR_ALPHA ) || defined( USE_INSTANCING_COLOR ) || defined( USE_BATCHING_COLOR )
	vColor = vec4( 1.0 );
#endif
#ifdef USE_COLOR_ALPHA
	vColor *= color;
#elif defined( USE_COLOR )
	vColor.rgb *= color;
#endif
#ifdef USE_INSTANCING_COLOR
	vColor.rgb *= instanceColor.rgb;
#endif
#ifdef USE_BATCHING_COLOR
	vColor *= getBatchingColor( getIndirectIndex( gl_DrawID ) );
#endif`,i0=`#define PI 3.141592653589793
#define PI2 6.283185307179586
#define PI_HALF 1.5707963267948966
#define RECIPROCAL_PI 0.3183098861837907
#define RECIPROCAL_PI2 0.15915494309189535
#define EPSILON 1e-6
#ifndef saturate
#define saturate( a ) clamp( a, 0.0, 1.0 )
#endif
#define whiteComplement( a ) ( 1.0 - saturate( a ) )
float pow2( const in float x ) { return x*x; }
vec3 pow2( const in vec3 x ) { return x*x; }
float pow3( const in float x ) { return x*x*x; }
float pow4( const in float x ) { float x2 = x*x; return x2*x2; }
float max3( const in vec3 v ) { return max( max( v.x, v.y ), v.z ); }
float average( const in vec3 v ) { return dot( v, vec3( 0.3333333 ) ); }
highp float rand( const in vec2 uv ) {
	const highp float a = 12.9898, b = 78.233, c = 43758.5453;
	highp float dt = dot( uv.xy, vec2( a,b ) ), sn = mod( dt, PI );
	return fract( sin( sn ) * c );
}
#ifdef HIGH_PRECISION
	float precisionSafeLength( vec3 v ) { return length( v ); }
#else
	float precisionSafeLength( vec3 v ) {
		float maxComponent = max3( abs( v ) );
		return length( v / maxComponent ) * maxComponent;
	}
#endif
struct IncidentLight {
	vec3 color;
	vec3 direction;
	bool visible;
};
struct ReflectedLight {
	vec3 directDiffuse;
	vec3 directSpecular;
	vec3 indirectDiffuse;
	vec3 indirectSpecular;
};
#ifdef USE_ALPHAHASH
	varying vec3 vPosition;
#endif
vec3 transformDirection( in vec3 dir, in mat4 matrix ) {
	return normalize( ( matrix * vec4( dir, 0.0 ) ).xyz );
}
#define inverseTransformDirection transformDirectionByInverseViewMatrix
vec3 transformNormalByInverseViewMatrix( in vec3 normal, in mat4 viewMatrix ) {
	return normalize( ( vec4( normal, 0.0 ) * viewMatrix ).xyz );
}
vec3 transformDirectionByInverseViewMatrix( in vec3 dir, in mat4 viewMatrix ) {
	return normalize( ( vec4( dir, 0.0 ) * viewMatrix ).xyz );
}
bool isPerspectiveMatrix( mat4 m ) {
	return m[ 2 ][ 3 ] == - 1.0;
}
vec2 equirectUv( in vec3 dir ) {
	float u = atan( dir.z, dir.x ) * RECIPROCAL_PI2 + 0.5;
	float v = asin( clamp( dir.y, - 1.0, 1.0 ) ) * RECIPROCAL_PI + 0.5;
	return vec2( u, v );
}
vec3 BRDF_Lambert( const in vec3 diffuseColor ) {
	return RECIPROCAL_PI * diffuseColor;
}
vec3 F_Schlick( const in vec3 f0, const in float f90, const in float dotVH ) {
	float fresnel = exp2( ( - 5.55473 * dotVH - 6.98316 ) * dotVH );
	return f0 * ( 1.0 - fresnel ) + ( f90 * fresnel );
}
float F_Schlick( const in float f0, const in float f90, const in float dotVH ) {
	float fresnel = exp2( ( - 5.55473 * dotVH - 6.98316 ) * dotVH );
	return f0 * ( 1.0 - fresnel ) + ( f90 * fresnel );
} // validated`,s0=`vec3 transformedNormal = objectNormal;
#ifdef USE_TANGENT
	vec3 transformedTangent = objectTangent;
#endif
#ifdef USE_BATCHING
	mat3 bm = mat3( batchingMatrix );
	transformedNormal /= vec3( dot( bm[ 0 ], bm[ 0 ] ), dot( bm[ 1 ], bm[ 1 ] ), dot( bm[ 2 ], bm[ 2 ] ) );
	transformedNormal = bm * transformedNormal;
	#ifdef USE_TANGENT
		transformedTangent = bm * transformedTangent;
	#endif
#endif
#ifdef USE_INSTANCING
	mat3 im = mat3( instanceMatrix );
	transformedNormal /= vec3( dot( im[ 0 ], im[ 0 ] ), dot( im[ 1 ], im[ 1 ] ), dot( im[ 2 ], im[ 2 ] ) );
	transformedNormal = im * transformedNormal;
	#ifdef USE_TANGENT
		transformedTangent = im * transformedTangent;
	#endif
#endif
transformedNormal = normalMatrix * transformedNormal;
#ifdef FLIP_SIDED
	transformedNormal = - transformedNormal;
#endif
#ifdef USE_TANGENT
	transformedTangent = ( modelViewMatrix * vec4( transformedTangent, 0.0 ) ).xyz;
#endif`,a0=`#ifdef USE_DISPLACEMENTMAP
	uniform sampler2D displacementMap;
	uniform float displacementScale;
	uniform float displacementBias;
#endif`,r0=`#ifdef USE_DISPLACEMENTMAP
	transformed += normalize( objectNormal ) * ( texture2D( displacementMap, vDisplacementMapUv ).x * displacementScale + displacementBias );
#endif`,o0=`#ifdef USE_EMISSIVEMAP
	vec4 emissiveColor = texture2D( emissiveMap, vEmissiveMapUv );
	#ifdef DECODE_VIDEO_TEXTURE_EMISSIVE
		emissiveColor = sRGBTransferEOTF( emissiveColor );
	#endif
	totalEmissiveRadiance *= emissiveColor.rgb;
#endif`,c0=`#ifdef USE_EMISSIVEMAP
	uniform sampler2D emissiveMap;
#endif`,l0="gl_FragColor = linearToOutputTexel( gl_FragColor );",d0=`vec4 LinearTransferOETF( in vec4 value ) {
	return value;
}
vec4 sRGBTransferEOTF( in vec4 value ) {
	return vec4( mix( pow( value.rgb * 0.9478672986 + vec3( 0.0521327014 ), vec3( 2.4 ) ), value.rgb * 0.0773993808, vec3( lessThanEqual( value.rgb, vec3( 0.04045 ) ) ) ), value.a );
}
vec4 sRGBTransferOETF( in vec4 value ) {
	return vec4( mix( pow( value.rgb, vec3( 0.41666 ) ) * 1.055 - vec3( 0.055 ), value.rgb * 12.92, vec3( lessThanEqual( value.rgb, vec3( 0.0031308 ) ) ) ), value.a );
}`,f0=`#ifdef USE_ENVMAP
	#ifdef ENV_WORLDPOS
		vec3 cameraToFrag;
		if ( isOrthographic ) {
			cameraToFrag = normalize( vec3( - viewMatrix[ 0 ][ 2 ], - viewMatrix[ 1 ][ 2 ], - viewMatrix[ 2 ][ 2 ] ) );
		} else {
			cameraToFrag = normalize( vWorldPosition - cameraPosition );
		}
		vec3 worldNormal = transformNormalByInverseViewMatrix( normal, viewMatrix );
		#ifdef ENVMAP_MODE_REFLECTION
			vec3 reflectVec = reflect( cameraToFrag, worldNormal );
		#else
			vec3 reflectVec = refract( cameraToFrag, worldNormal, refractionRatio );
		#endif
	#else
		vec3 reflectVec = vReflect;
	#endif
	#ifdef ENVMAP_TYPE_CUBE
		vec4 envColor = textureCube( envMap, envMapRotation * reflectVec );
		#ifdef ENVMAP_BLENDING_MULTIPLY
			outgoingLight = mix( outgoingLight, outgoingLight * envColor.xyz, specularStrength * reflectivity );
		#elif defined( ENVMAP_BLENDING_MIX )
			outgoingLight = mix( outgoingLight, envColor.xyz, specularStrength * reflectivity );
		#elif defined( ENVMAP_BLENDING_ADD )
			outgoingLight += envColor.xyz * specularStrength * reflectivity;
		#endif
	#endif
#endif`,h0=`#ifdef USE_ENVMAP
	uniform float envMapIntensity;
	uniform mat3 envMapRotation;
	uniform samplerCube envMap;
	#ifdef ENVMAP_TYPE_PMREM
		float roughnessToMip( const in float roughness ) {
			float r = clamp( roughness, 0.0, 1.0 );
			return ENVMAP_MAX_LOD * r * ( 2.0 - r );
		}
	#endif
#endif`,u0=`#ifdef USE_ENVMAP
	uniform float reflectivity;
	#if defined( USE_BUMPMAP ) || defined( USE_NORMALMAP ) || defined( PHONG ) || defined( LAMBERT )
		#define ENV_WORLDPOS
	#endif
	#ifdef ENV_WORLDPOS
		varying vec3 vWorldPosition;
		uniform float refractionRatio;
	#else
		varying vec3 vReflect;
	#endif
#endif`,p0=`#ifdef USE_ENVMAP
	#if defined( USE_BUMPMAP ) || defined( USE_NORMALMAP ) || defined( PHONG ) || defined( LAMBERT )
		#define ENV_WORLDPOS
	#endif
	#ifdef ENV_WORLDPOS
		
		varying vec3 vWorldPosition;
	#else
		varying vec3 vReflect;
		uniform float refractionRatio;
	#endif
#endif`,m0=`#ifdef USE_ENVMAP
	#ifdef ENV_WORLDPOS
		vWorldPosition = worldPosition.xyz;
	#else
		vec3 cameraToVertex;
		if ( isOrthographic ) {
			cameraToVertex = normalize( vec3( - viewMatrix[ 0 ][ 2 ], - viewMatrix[ 1 ][ 2 ], - viewMatrix[ 2 ][ 2 ] ) );
		} else {
			cameraToVertex = normalize( worldPosition.xyz - cameraPosition );
		}
		vec3 worldNormal = transformNormalByInverseViewMatrix( transformedNormal, viewMatrix );
		#ifdef ENVMAP_MODE_REFLECTION
			vReflect = reflect( cameraToVertex, worldNormal );
		#else
			vReflect = refract( cameraToVertex, worldNormal, refractionRatio );
		#endif
	#endif
#endif`,b0=`#ifdef USE_FOG
	vFogDepth = - mvPosition.z;
#endif`,g0=`#ifdef USE_FOG
	varying float vFogDepth;
#endif`,_0=`#ifdef USE_FOG
	#ifdef FOG_EXP2
		float fogFactor = 1.0 - exp( - fogDensity * fogDensity * vFogDepth * vFogDepth );
	#else
		float fogFactor = smoothstep( fogNear, fogFar, vFogDepth );
	#endif
	gl_FragColor.rgb = mix( gl_FragColor.rgb, fogColor, fogFactor );
#endif`,x0=`#ifdef USE_FOG
	uniform vec3 fogColor;
	varying float vFogDepth;
	#ifdef FOG_EXP2
		uniform float fogDensity;
	#else
		uniform float fogNear;
		uniform float fogFar;
	#endif
#endif`,y0=`#ifdef USE_GRADIENTMAP
	uniform sampler2D gradientMap;
#endif
vec3 getGradientIrradiance( vec3 normal, vec3 lightDirection ) {
	float dotNL = dot( normal, lightDirection );
	vec2 coord = vec2( dotNL * 0.5 + 0.5, 0.0 );
	#ifdef USE_GRADIENTMAP
		return vec3( texture2D( gradientMap, coord ).r );
	#else
		vec2 fw = fwidth( coord ) * 0.5;
		return mix( vec3( 0.7 ), vec3( 1.0 ), smoothstep( 0.7 - fw.x, 0.7 + fw.x, coord.x ) );
	#endif
}`,v0=`#ifdef USE_LIGHTMAP
	uniform sampler2D lightMap;
	uniform float lightMapIntensity;
#endif`,M0=`LambertMaterial material;
material.diffuseColor = diffuseColor.rgb;
material.specularStrength = specularStrength;`,S0=`varying vec3 vViewPosition;
struct LambertMaterial {
	vec3 diffuseColor;
	float specularStrength;
};
void RE_Direct_Lambert( const in IncidentLight directLight, const in vec3 geometryPosition, const in vec3 geometryNormal, const in vec3 geometryViewDir, const in vec3 geometryClearcoatNormal, const in LambertMaterial material, inout ReflectedLight reflectedLight ) {
	float dotNL = saturate( dot( geometryNormal, directLight.direction ) );
	vec3 irradiance = dotNL * directLight.color;
	reflectedLight.directDiffuse += irradiance * BRDF_Lambert( material.diffuseColor );
}
void RE_IndirectDiffuse_Lambert( const in vec3 irradiance, const in vec3 geometryPosition, const in vec3 geometryNormal, const in vec3 geometryViewDir, const in vec3 geometryClearcoatNormal, const in LambertMaterial material, inout ReflectedLight reflectedLight ) {
	reflectedLight.indirectDiffuse += irradiance * BRDF_Lambert( material.diffuseColor );
}
#define RE_Direct				RE_Direct_Lambert
#define RE_IndirectDiffuse		RE_IndirectDiffuse_Lambert`,w0=`uniform bool receiveShadow;
uniform vec3 ambientLightColor;
#if defined( USE_LIGHT_PROBES )
	uniform vec3 lightProbe[ 9 ];
#endif
vec3 shGetIrradianceAt( in vec3 normal, in vec3 shCoefficients[ 9 ] ) {
	float x = normal.x, y = normal.y, z = normal.z;
	vec3 result = shCoefficients[ 0 ] * 0.886227;
	result += shCoefficients[ 1 ] * 2.0 * 0.511664 * y;
	result += shCoefficients[ 2 ] * 2.0 * 0.511664 * z;
	result += shCoefficients[ 3 ] * 2.0 * 0.511664 * x;
	result += shCoefficients[ 4 ] * 2.0 * 0.429043 * x * y;
	result += shCoefficients[ 5 ] * 2.0 * 0.429043 * y * z;
	result += shCoefficients[ 6 ] * ( 0.743125 * z * z - 0.247708 );
	result += shCoefficients[ 7 ] * 2.0 * 0.429043 * x * z;
	result += shCoefficients[ 8 ] * 0.429043 * ( x * x - y * y );
	return result;
}
vec3 getLightProbeIrradiance( const in vec3 lightProbe[ 9 ], const in vec3 normal ) {
	vec3 worldNormal = transformNormalByInverseViewMatrix( normal, viewMatrix );
	vec3 irradiance = shGetIrradianceAt( worldNormal, lightProbe );
	return irradiance;
}
vec3 getAmbientLightIrradiance( const in vec3 ambientLightColor ) {
	vec3 irradiance = ambientLightColor;
	return irradiance;
}
float getDistanceAttenuation( const in float lightDistance, const in float cutoffDistance, const in float decayExponent ) {
	float distanceFalloff = 1.0 / max( pow( lightDistance, decayExponent ), 0.01 );
	if ( cutoffDistance > 0.0 ) {
		distanceFalloff *= pow2( saturate( 1.0 - pow4( lightDistance / cutoffDistance ) ) );
	}
	return distanceFalloff;
}
float getSpotAttenuation( const in float coneCosine, const in float penumbraCosine, const in float angleCosine ) {
	return smoothstep( coneCosine, penumbraCosine, angleCosine );
}
#if NUM_SUN_LIGHTS > 0
	struct SunLight {
		vec3 direction;
		vec3 color;
	};
	uniform SunLight sunLights[ NUM_SUN_LIGHTS ];
	void getSunLightInfo( const in SunLight sunLight, out IncidentLight light ) {
		light.color = sunLight.color;
		light.direction = sunLight.direction;
		light.visible = true;
	}
#endif
#if NUM_DIR_LIGHTS > 0
	struct DirectionalLight {
		vec3 direction;
		vec3 color;
	};
	uniform DirectionalLight directionalLights[ NUM_DIR_LIGHTS ];
	void getDirectionalLightInfo( const in DirectionalLight directionalLight, out IncidentLight light ) {
		light.color = directionalLight.color;
		light.direction = directionalLight.direction;
		light.visible = true;
	}
#endif
#if NUM_POINT_LIGHTS > 0
	struct PointLight {
		vec3 position;
		vec3 color;
		float distance;
		float decay;
	};
	uniform PointLight pointLights[ NUM_POINT_LIGHTS ];
	void getPointLightInfo( const in PointLight pointLight, const in vec3 geometryPosition, out IncidentLight light ) {
		vec3 lVector = pointLight.position - geometryPosition;
		light.direction = normalize( lVector );
		float lightDistance = length( lVector );
		light.color = pointLight.color;
		light.color *= getDistanceAttenuation( lightDistance, pointLight.distance, pointLight.decay );
		light.visible = ( light.color != vec3( 0.0 ) );
	}
#endif
#if NUM_SPOT_LIGHTS > 0
	struct SpotLight {
		vec3 position;
		vec3 direction;
		vec3 color;
		float distance;
		float decay;
		float coneCos;
		float penumbraCos;
	};
	uniform SpotLight spotLights[ NUM_SPOT_LIGHTS ];
	void getSpotLightInfo( const in SpotLight spotLight, const in vec3 geometryPosition, out IncidentLight light ) {
		vec3 lVector = spotLight.position - geometryPosition;
		light.direction = normalize( lVector );
		float angleCos = dot( light.direction, spotLight.direction );
		float spotAttenuation = getSpotAttenuation( spotLight.coneCos, spotLight.penumbraCos, angleCos );
		if ( spotAttenuation > 0.0 ) {
			float lightDistance = length( lVector );
			light.color = spotLight.color * spotAttenuation;
			light.color *= getDistanceAttenuation( lightDistance, spotLight.distance, spotLight.decay );
			light.visible = ( light.color != vec3( 0.0 ) );
		} else {
			light.color = vec3( 0.0 );
			light.visible = false;
		}
	}
#endif
#if NUM_RECT_AREA_LIGHTS > 0
	struct RectAreaLight {
		vec3 color;
		vec3 position;
		vec3 halfWidth;
		vec3 halfHeight;
	};
	uniform sampler2D ltc_1;	uniform sampler2D ltc_2;
	uniform RectAreaLight rectAreaLights[ NUM_RECT_AREA_LIGHTS ];
#endif
#if NUM_HEMI_LIGHTS > 0
	struct HemisphereLight {
		vec3 direction;
		vec3 skyColor;
		vec3 groundColor;
	};
	uniform HemisphereLight hemisphereLights[ NUM_HEMI_LIGHTS ];
	vec3 getHemisphereLightIrradiance( const in HemisphereLight hemiLight, const in vec3 normal ) {
		float dotNL = dot( normal, hemiLight.direction );
		float hemiDiffuseWeight = 0.5 * dotNL + 0.5;
		vec3 irradiance = mix( hemiLight.groundColor, hemiLight.skyColor, hemiDiffuseWeight );
		return irradiance;
	}
#endif
#include <lightprobes_pars_fragment>`,E0=`#ifdef USE_ENVMAP
	vec3 getIBLIrradiance( const in vec3 normal ) {
		#ifdef ENVMAP_TYPE_PMREM
			vec3 worldNormal = transformNormalByInverseViewMatrix( normal, viewMatrix );
			vec4 envMapColor = textureLod( envMap, envMapRotation * worldNormal, ENVMAP_MAX_LOD );
			return PI * envMapColor.rgb * envMapIntensity;
		#else
			return vec3( 0.0 );
		#endif
	}
	vec3 getIBLRadiance( const in vec3 viewDir, const in vec3 normal, const in float roughness ) {
		#ifdef ENVMAP_TYPE_PMREM
			vec3 reflectVec = reflect( - viewDir, normal );
			reflectVec = normalize( mix( reflectVec, normal, pow4( roughness ) ) );
			reflectVec = transformDirectionByInverseViewMatrix( reflectVec, viewMatrix );
			vec4 envMapColor = textureLod( envMap, envMapRotation * reflectVec, roughnessToMip( roughness ) );
			return envMapColor.rgb * envMapIntensity;
		#else
			return vec3( 0.0 );
		#endif
	}
	#ifdef USE_RETROREFLECTION
		vec3 getIBLRetroRadiance( const in vec3 viewDir, const in vec3 normal, const in float roughness ) {
			#ifdef ENVMAP_TYPE_PMREM
				vec3 retroVec = normalize( mix( viewDir, normal, pow4( roughness ) ) );
				retroVec = transformDirectionByInverseViewMatrix( retroVec, viewMatrix );
				vec4 envMapColor = textureLod( envMap, envMapRotation * retroVec, roughnessToMip( roughness ) );
				return envMapColor.rgb * envMapIntensity;
			#else
				return vec3( 0.0 );
			#endif
		}
	#endif
	#ifdef USE_ANISOTROPY
		vec3 getIBLAnisotropyRadiance( const in vec3 viewDir, const in vec3 normal, const in float roughness, const in vec3 bitangent, const in float anisotropy ) {
			#ifdef ENVMAP_TYPE_PMREM
				vec3 bentNormal = cross( bitangent, viewDir );
				bentNormal = normalize( cross( bentNormal, bitangent ) );
				bentNormal = normalize( mix( bentNormal, normal, pow2( pow2( 1.0 - anisotropy * ( 1.0 - roughness ) ) ) ) );
				return getIBLRadiance( viewDir, bentNormal, roughness );
			#else
				return vec3( 0.0 );
			#endif
		}
		#ifdef USE_RETROREFLECTION
			vec3 getIBLAnisotropyRetroRadiance( const in vec3 viewDir, const in vec3 normal, const in float roughness, const in vec3 bitangent, const in float anisotropy ) {
				#ifdef ENVMAP_TYPE_PMREM
					vec3 bentNormal = cross( bitangent, viewDir );
					bentNormal = normalize( cross( bentNormal, bitangent ) );
					bentNormal = normalize( mix( bentNormal, normal, pow2( pow2( 1.0 - anisotropy * ( 1.0 - roughness ) ) ) ) );
					return getIBLRetroRadiance( viewDir, bentNormal, roughness );
				#else
					return vec3( 0.0 );
				#endif
			}
		#endif
	#endif
#endif`,T0=`ToonMaterial material;
material.diffuseColor = diffuseColor.rgb;`,A0=`varying vec3 vViewPosition;
struct ToonMaterial {
	vec3 diffuseColor;
};
void RE_Direct_Toon( const in IncidentLight directLight, const in vec3 geometryPosition, const in vec3 geometryNormal, const in vec3 geometryViewDir, const in vec3 geometryClearcoatNormal, const in ToonMaterial material, inout ReflectedLight reflectedLight ) {
	vec3 irradiance = getGradientIrradiance( geometryNormal, directLight.direction ) * directLight.color;
	reflectedLight.directDiffuse += irradiance * BRDF_Lambert( material.diffuseColor );
}
void RE_IndirectDiffuse_Toon( const in vec3 irradiance, const in vec3 geometryPosition, const in vec3 geometryNormal, const in vec3 geometryViewDir, const in vec3 geometryClearcoatNormal, const in ToonMaterial material, inout ReflectedLight reflectedLight ) {
	reflectedLight.indirectDiffuse += irradiance * BRDF_Lambert( material.diffuseColor );
}
#define RE_Direct				RE_Direct_Toon
#define RE_IndirectDiffuse		RE_IndirectDiffuse_Toon`,C0=`BlinnPhongMaterial material;
material.diffuseColor = diffuseColor.rgb;
material.specularColor = specular;
material.specularShininess = shininess;
material.specularStrength = specularStrength;`,R0=`varying vec3 vViewPosition;
struct BlinnPhongMaterial {
	vec3 diffuseColor;
	vec3 specularColor;
	float specularShininess;
	float specularStrength;
};
void RE_Direct_BlinnPhong( const in IncidentLight directLight, const in vec3 geometryPosition, const in vec3 geometryNormal, const in vec3 geometryViewDir, const in vec3 geometryClearcoatNormal, const in BlinnPhongMaterial material, inout ReflectedLight reflectedLight ) {
	float dotNL = saturate( dot( geometryNormal, directLight.direction ) );
	vec3 irradiance = dotNL * directLight.color;
	reflectedLight.directDiffuse += irradiance * BRDF_Lambert( material.diffuseColor );
	reflectedLight.directSpecular += irradiance * BRDF_BlinnPhong( directLight.direction, geometryViewDir, geometryNormal, material.specularColor, material.specularShininess ) * material.specularStrength;
}
void RE_IndirectDiffuse_BlinnPhong( const in vec3 irradiance, const in vec3 geometryPosition, const in vec3 geometryNormal, const in vec3 geometryViewDir, const in vec3 geometryClearcoatNormal, const in BlinnPhongMaterial material, inout ReflectedLight reflectedLight ) {
	reflectedLight.indirectDiffuse += irradiance * BRDF_Lambert( material.diffuseColor );
}
#define RE_Direct				RE_Direct_BlinnPhong
#define RE_IndirectDiffuse		RE_IndirectDiffuse_BlinnPhong`,P0=`PhysicalMaterial material;
material.diffuseColor = diffuseColor.rgb;
material.diffuseContribution = diffuseColor.rgb * ( 1.0 - metalnessFactor );
material.metalness = metalnessFactor;
vec3 dxy = max( abs( dFdx( nonPerturbedNormal ) ), abs( dFdy( nonPerturbedNormal ) ) );
float geometryRoughness = max( max( dxy.x, dxy.y ), dxy.z );
material.roughness = max( roughnessFactor, 0.045 );
material.roughness += geometryRoughness;
material.roughness = min( material.roughness, 1.0 );
#ifdef USE_DIFFUSE_ROUGHNESS
	float diffuseRoughnessFactor = diffuseRoughness;
	#ifdef USE_DIFFUSE_ROUGHNESSMAP
		diffuseRoughnessFactor *= texture2D( diffuseRoughnessMap, vDiffuseRoughnessMapUv ).r;
	#endif
	material.diffuseRoughness = saturate( diffuseRoughnessFactor );
#endif
#ifdef IOR
	material.ior = ior;
	#ifdef USE_SPECULAR
		float specularIntensityFactor = specularIntensity;
		vec3 specularColorFactor = specularColor;
		#ifdef USE_SPECULAR_COLORMAP
			specularColorFactor *= texture2D( specularColorMap, vSpecularColorMapUv ).rgb;
		#endif
		#ifdef USE_SPECULAR_INTENSITYMAP
			specularIntensityFactor *= texture2D( specularIntensityMap, vSpecularIntensityMapUv ).a;
		#endif
		material.specularF90 = mix( specularIntensityFactor, 1.0, metalnessFactor );
	#else
		float specularIntensityFactor = 1.0;
		vec3 specularColorFactor = vec3( 1.0 );
		material.specularF90 = 1.0;
	#endif
	material.specularColor = min( pow2( ( material.ior - 1.0 ) / ( material.ior + 1.0 ) ) * specularColorFactor, vec3( 1.0 ) ) * specularIntensityFactor;
	material.specularColorBlended = mix( material.specularColor, diffuseColor.rgb, metalnessFactor );
#else
	material.specularColor = vec3( 0.04 );
	material.specularColorBlended = mix( material.specularColor, diffuseColor.rgb, metalnessFactor );
	material.specularF90 = 1.0;
#endif
#ifdef USE_CLEARCOAT
	material.clearcoat = clearcoat;
	material.clearcoatRoughness = clearcoatRoughness;
	material.clearcoatF0 = vec3( 0.04 );
	material.clearcoatF90 = 1.0;
	#ifdef USE_CLEARCOATMAP
		material.clearcoat *= texture2D( clearcoatMap, vClearcoatMapUv ).x;
	#endif
	#ifdef USE_CLEARCOAT_ROUGHNESSMAP
		material.clearcoatRoughness *= texture2D( clearcoatRoughnessMap, vClearcoatRoughnessMapUv ).y;
	#endif
	material.clearcoat = saturate( material.clearcoat );	material.clearcoatRoughness = max( material.clearcoatRoughness, 0.045 );
	material.clearcoatRoughness += geometryRoughness;
	material.clearcoatRoughness = min( material.clearcoatRoughness, 1.0 );
#endif
#ifdef USE_DISPERSION
	material.dispersion = dispersion;
#endif
#ifdef USE_RETROREFLECTION
	material.retroreflectivity = retroreflectivity;
#endif
#ifdef USE_IRIDESCENCE
	material.iridescence = iridescence;
	material.iridescenceIOR = iridescenceIOR;
	#ifdef USE_IRIDESCENCEMAP
		material.iridescence *= texture2D( iridescenceMap, vIridescenceMapUv ).r;
	#endif
	#ifdef USE_IRIDESCENCE_THICKNESSMAP
		material.iridescenceThickness = (iridescenceThicknessMaximum - iridescenceThicknessMinimum) * texture2D( iridescenceThicknessMap, vIridescenceThicknessMapUv ).g + iridescenceThicknessMinimum;
	#else
		material.iridescenceThickness = iridescenceThicknessMaximum;
	#endif
#endif
#ifdef USE_SHEEN
	material.sheenColor = sheenColor;
	#ifdef USE_SHEEN_COLORMAP
		material.sheenColor *= texture2D( sheenColorMap, vSheenColorMapUv ).rgb;
	#endif
	material.sheenRoughness = clamp( sheenRoughness, 0.0001, 1.0 );
	#ifdef USE_SHEEN_ROUGHNESSMAP
		material.sheenRoughness *= texture2D( sheenRoughnessMap, vSheenRoughnessMapUv ).a;
	#endif
#endif
#ifdef USE_ANISOTROPY
	#ifdef USE_ANISOTROPYMAP
		mat2 anisotropyMat = mat2( anisotropyVector.x, anisotropyVector.y, - anisotropyVector.y, anisotropyVector.x );
		vec3 anisotropyPolar = texture2D( anisotropyMap, vAnisotropyMapUv ).rgb;
		vec2 anisotropyV = anisotropyMat * normalize( 2.0 * anisotropyPolar.rg - vec2( 1.0 ) ) * anisotropyPolar.b;
	#else
		vec2 anisotropyV = anisotropyVector;
	#endif
	material.anisotropy = length( anisotropyV );
	if( material.anisotropy == 0.0 ) {
		anisotropyV = vec2( 1.0, 0.0 );
	} else {
		anisotropyV /= material.anisotropy;
		material.anisotropy = saturate( material.anisotropy );
	}
	material.alphaT = mix( pow2( material.roughness ), 1.0, pow2( material.anisotropy ) );
	material.anisotropyT = tbn[ 0 ] * anisotropyV.x + tbn[ 1 ] * anisotropyV.y;
	material.anisotropyB = tbn[ 1 ] * anisotropyV.x - tbn[ 0 ] * anisotropyV.y;
#endif`,I0=`uniform sampler2D dfgLUT;
struct PhysicalMaterial {
	vec3 diffuseColor;
	vec3 diffuseContribution;
	vec3 specularColor;
	vec3 specularColorBlended;
	float roughness;
	float metalness;
	float specularF90;
	float dispersion;
	vec2 dfg;
	vec3 multiScatteringCompensation;
	#ifdef USE_DIFFUSE_ROUGHNESS
		float diffuseRoughness;
	#endif
	#ifdef USE_RETROREFLECTION
		float retroreflectivity;
	#endif
	#ifdef USE_CLEARCOAT
		float clearcoat;
		float clearcoatRoughness;
		vec3 clearcoatF0;
		float clearcoatF90;
	#endif
	#ifdef USE_IRIDESCENCE
		float iridescence;
		float iridescenceIOR;
		float iridescenceThickness;
		vec3 iridescenceFresnel;
		vec3 iridescenceF0Dielectric;
		vec3 iridescenceF0Metallic;
	#endif
	#ifdef USE_SHEEN
		vec3 sheenColor;
		float sheenRoughness;
	#endif
	#ifdef IOR
		float ior;
	#endif
	#ifdef USE_TRANSMISSION
		float transmission;
		float transmissionAlpha;
		float thickness;
		float attenuationDistance;
		vec3 attenuationColor;
	#endif
	#ifdef USE_ANISOTROPY
		float anisotropy;
		float alphaT;
		vec3 anisotropyT;
		vec3 anisotropyB;
	#endif
};
vec3 clearcoatSpecularDirect = vec3( 0.0 );
vec3 clearcoatSpecularIndirect = vec3( 0.0 );
vec3 sheenSpecularDirect = vec3( 0.0 );
vec3 sheenSpecularIndirect = vec3(0.0 );
vec3 Schlick_to_F0( const in vec3 f, const in float f90, const in float dotVH ) {
    float x = clamp( 1.0 - dotVH, 0.0, 1.0 );
    float x2 = x * x;
    float x5 = clamp( x * x2 * x2, 0.0, 0.9999 );
    return ( f - vec3( f90 ) * x5 ) / ( 1.0 - x5 );
}
#ifdef USE_DIFFUSE_ROUGHNESS
	const float EON_EPSILON = 1e-7;
	float FON_DirectionalAlbedo( const in float mu, const in float roughness, const in float A ) {
		float muComp = 1.0 - mu;
		float gOverPi = muComp * ( 0.0571085289 + muComp * ( 0.491881867 + muComp * ( - 0.332181442 + muComp * 0.0714429953 ) ) );
		return A * ( 1.0 + roughness * gOverPi );
	}
	vec3 BRDF_EON( const in vec3 lightDir, const in vec3 viewDir, const in vec3 normal, const in vec3 diffuseColor, const in float roughness ) {
		vec3 rho = saturate( diffuseColor );
		if ( roughness <= EON_EPSILON ) return BRDF_Lambert( rho );
		float dotNL = saturate( dot( normal, lightDir ) );
		float dotNV = saturate( dot( normal, viewDir ) );
		float s = dot( lightDir, viewDir ) - dotNL * dotNV;
		float sOverT = ( s > 0.0 ) ? s / max( max( dotNL, dotNV ), EON_EPSILON ) : s;
		float A = 1.0 / ( 1.0 + ( 0.5 - 2.0 / ( 3.0 * PI ) ) * roughness );
		vec3 singleScatter = rho * RECIPROCAL_PI * A * ( 1.0 + roughness * sOverT );
		float averageAlbedo = A * ( 1.0 + ( 2.0 / 3.0 - 28.0 / ( 15.0 * PI ) ) * roughness );
		float albedoV = FON_DirectionalAlbedo( dotNV, roughness, A );
		float albedoL = FON_DirectionalAlbedo( dotNL, roughness, A );
		vec3 rhoMultiScatter = rho * rho * averageAlbedo / max( vec3( EON_EPSILON ), vec3( 1.0 ) - rho * ( 1.0 - averageAlbedo ) );
		vec3 multiScatter = rhoMultiScatter * RECIPROCAL_PI
			* max( EON_EPSILON, 1.0 - albedoV )
			* max( EON_EPSILON, 1.0 - albedoL )
			/ max( EON_EPSILON, 1.0 - averageAlbedo );
		return singleScatter + multiScatter;
	}
	vec3 EON_DirectionalAlbedo( const in vec3 diffuseColor, const in float roughness, const in float dotNV ) {
		vec3 rho = saturate( diffuseColor );
		if ( roughness <= EON_EPSILON ) return rho;
		float A = 1.0 / ( 1.0 + ( 0.5 - 2.0 / ( 3.0 * PI ) ) * roughness );
		float directionalAlbedo = FON_DirectionalAlbedo( dotNV, roughness, A );
		float averageAlbedo = A * ( 1.0 + ( 2.0 / 3.0 - 28.0 / ( 15.0 * PI ) ) * roughness );
		vec3 rhoMultiScatter = rho * rho * averageAlbedo / max( vec3( EON_EPSILON ), vec3( 1.0 ) - rho * ( 1.0 - averageAlbedo ) );
		return rho * directionalAlbedo + rhoMultiScatter * ( 1.0 - directionalAlbedo );
	}
#endif
float V_GGX_SmithCorrelated( const in float alpha, const in float dotNL, const in float dotNV ) {
	float a2 = pow2( alpha );
	float gv = dotNL * sqrt( a2 + ( 1.0 - a2 ) * pow2( dotNV ) );
	float gl = dotNV * sqrt( a2 + ( 1.0 - a2 ) * pow2( dotNL ) );
	return 0.5 / max( gv + gl, EPSILON );
}
float D_GGX( const in float alpha, const in float dotNH ) {
	float a2 = pow2( alpha );
	float denom = pow2( dotNH ) * ( a2 - 1.0 ) + 1.0;
	return RECIPROCAL_PI * a2 / pow2( denom );
}
#ifdef USE_ANISOTROPY
	float V_GGX_SmithCorrelated_Anisotropic( const in float alphaT, const in float alphaB, const in float dotTV, const in float dotBV, const in float dotTL, const in float dotBL, const in float dotNV, const in float dotNL ) {
		float gv = dotNL * length( vec3( alphaT * dotTV, alphaB * dotBV, dotNV ) );
		float gl = dotNV * length( vec3( alphaT * dotTL, alphaB * dotBL, dotNL ) );
		return 0.5 / max( gv + gl, EPSILON );
	}
	float D_GGX_Anisotropic( const in float alphaT, const in float alphaB, const in float dotNH, const in float dotTH, const in float dotBH ) {
		float a2 = alphaT * alphaB;
		highp vec3 v = vec3( alphaB * dotTH, alphaT * dotBH, a2 * dotNH );
		highp float v2 = dot( v, v );
		float w2 = a2 / v2;
		return RECIPROCAL_PI * a2 * pow2 ( w2 );
	}
#endif
#ifdef USE_CLEARCOAT
	vec3 BRDF_GGX_Clearcoat( const in vec3 lightDir, const in vec3 viewDir, const in vec3 normal, const in PhysicalMaterial material) {
		vec3 f0 = material.clearcoatF0;
		float f90 = material.clearcoatF90;
		float roughness = max( material.clearcoatRoughness, 0.045 );
		float alpha = pow2( roughness );
		vec3 halfDir = normalize( lightDir + viewDir );
		float dotNL = saturate( dot( normal, lightDir ) );
		float dotNV = saturate( dot( normal, viewDir ) );
		float dotNH = saturate( dot( normal, halfDir ) );
		float dotVH = saturate( dot( viewDir, halfDir ) );
		vec3 F = F_Schlick( f0, f90, dotVH );
		float V = V_GGX_SmithCorrelated( alpha, dotNL, dotNV );
		float D = D_GGX( alpha, dotNH );
		return F * ( V * D );
	}
#endif
vec3 BRDF_GGX( const in vec3 lightDir, const in vec3 viewDir, const in vec3 normal, const in PhysicalMaterial material ) {
	vec3 f0 = material.specularColorBlended;
	float f90 = material.specularF90;
	float roughness = max( material.roughness, 0.045 );
	float alpha = pow2( roughness );
	vec3 halfDir = normalize( lightDir + viewDir );
	float dotNL = saturate( dot( normal, lightDir ) );
	float dotNV = saturate( dot( normal, viewDir ) );
	float dotNH = saturate( dot( normal, halfDir ) );
	float dotVH = saturate( dot( viewDir, halfDir ) );
	vec3 F = F_Schlick( f0, f90, dotVH );
	#ifdef USE_IRIDESCENCE
		F = mix( F, material.iridescenceFresnel, material.iridescence );
	#endif
	#ifdef USE_ANISOTROPY
		float dotTL = dot( material.anisotropyT, lightDir );
		float dotTV = dot( material.anisotropyT, viewDir );
		float dotTH = dot( material.anisotropyT, halfDir );
		float dotBL = dot( material.anisotropyB, lightDir );
		float dotBV = dot( material.anisotropyB, viewDir );
		float dotBH = dot( material.anisotropyB, halfDir );
		float alphaT = max( material.alphaT, alpha );
		float V = V_GGX_SmithCorrelated_Anisotropic( alphaT, alpha, dotTV, dotBV, dotTL, dotBL, dotNV, dotNL );
		float D = D_GGX_Anisotropic( alphaT, alpha, dotNH, dotTH, dotBH );
	#else
		float V = V_GGX_SmithCorrelated( alpha, dotNL, dotNV );
		float D = D_GGX( alpha, dotNH );
	#endif
	return F * ( V * D );
}
vec2 LTC_Uv( const in vec3 N, const in vec3 V, const in float roughness ) {
	const float LUT_SIZE = 64.0;
	const float LUT_SCALE = ( LUT_SIZE - 1.0 ) / LUT_SIZE;
	const float LUT_BIAS = 0.5 / LUT_SIZE;
	float dotNV = saturate( dot( N, V ) );
	vec2 uv = vec2( roughness, sqrt( 1.0 - dotNV ) );
	uv = uv * LUT_SCALE + LUT_BIAS;
	return uv;
}
float LTC_ClippedSphereFormFactor( const in vec3 f ) {
	float l = length( f );
	return max( ( l * l + f.z ) / ( l + 1.0 ), 0.0 );
}
vec3 LTC_EdgeVectorFormFactor( const in vec3 v1, const in vec3 v2 ) {
	float x = dot( v1, v2 );
	float y = abs( x );
	float a = 0.8543985 + ( 0.4965155 + 0.0145206 * y ) * y;
	float b = 3.4175940 + ( 4.1616724 + y ) * y;
	float v = a / b;
	float theta_sintheta = ( x > 0.0 ) ? v : 0.5 * inversesqrt( max( 1.0 - x * x, 1e-7 ) ) - v;
	return cross( v1, v2 ) * theta_sintheta;
}
vec3 LTC_Evaluate( const in vec3 N, const in vec3 V, const in vec3 P, const in mat3 mInv, const in vec3 rectCoords[ 4 ] ) {
	vec3 v1 = rectCoords[ 1 ] - rectCoords[ 0 ];
	vec3 v2 = rectCoords[ 3 ] - rectCoords[ 0 ];
	vec3 lightNormal = cross( v1, v2 );
	if( dot( lightNormal, P - rectCoords[ 0 ] ) < 0.0 ) return vec3( 0.0 );
	vec3 T1, T2;
	T1 = normalize( V - N * dot( V, N ) );
	T2 = - cross( N, T1 );
	mat3 mat = mInv * transpose( mat3( T1, T2, N ) );
	vec3 coords[ 4 ];
	coords[ 0 ] = mat * ( rectCoords[ 0 ] - P );
	coords[ 1 ] = mat * ( rectCoords[ 1 ] - P );
	coords[ 2 ] = mat * ( rectCoords[ 2 ] - P );
	coords[ 3 ] = mat * ( rectCoords[ 3 ] - P );
	coords[ 0 ] = normalize( coords[ 0 ] );
	coords[ 1 ] = normalize( coords[ 1 ] );
	coords[ 2 ] = normalize( coords[ 2 ] );
	coords[ 3 ] = normalize( coords[ 3 ] );
	vec3 vectorFormFactor = vec3( 0.0 );
	vectorFormFactor += LTC_EdgeVectorFormFactor( coords[ 0 ], coords[ 1 ] );
	vectorFormFactor += LTC_EdgeVectorFormFactor( coords[ 1 ], coords[ 2 ] );
	vectorFormFactor += LTC_EdgeVectorFormFactor( coords[ 2 ], coords[ 3 ] );
	vectorFormFactor += LTC_EdgeVectorFormFactor( coords[ 3 ], coords[ 0 ] );
	float result = LTC_ClippedSphereFormFactor( vectorFormFactor );
	return vec3( result );
}
#if defined( USE_SHEEN )
float D_Charlie( float roughness, float dotNH ) {
	float alpha = pow2( roughness );
	float invAlpha = 1.0 / alpha;
	float cos2h = dotNH * dotNH;
	float sin2h = max( 1.0 - cos2h, 0.0078125 );
	return ( 2.0 + invAlpha ) * pow( sin2h, invAlpha * 0.5 ) / ( 2.0 * PI );
}
float V_Neubelt( float dotNV, float dotNL ) {
	return saturate( 1.0 / ( 4.0 * ( dotNL + dotNV - dotNL * dotNV ) ) );
}
vec3 BRDF_Sheen( const in vec3 lightDir, const in vec3 viewDir, const in vec3 normal, vec3 sheenColor, const in float sheenRoughness ) {
	vec3 halfDir = normalize( lightDir + viewDir );
	float dotNL = saturate( dot( normal, lightDir ) );
	float dotNV = saturate( dot( normal, viewDir ) );
	float dotNH = saturate( dot( normal, halfDir ) );
	float D = D_Charlie( sheenRoughness, dotNH );
	float V = V_Neubelt( dotNV, dotNL );
	return sheenColor * ( D * V );
}
#endif
float IBLSheenBRDF( const in vec3 normal, const in vec3 viewDir, const in float roughness ) {
	float dotNV = saturate( dot( normal, viewDir ) );
	float r2 = roughness * roughness;
	float rInv = 1.0 / ( roughness + 0.1 );
	float a = -1.9362 + 1.0678 * roughness + 0.4573 * r2 - 0.8469 * rInv;
	float b = -0.6014 + 0.5538 * roughness - 0.4670 * r2 - 0.1255 * rInv;
	float DG = exp( a * dotNV + b );
	return saturate( DG );
}
vec3 EnvironmentBRDF( const in vec3 normal, const in vec3 viewDir, const in vec3 specularColor, const in float specularF90, const in float roughness ) {
	float dotNV = saturate( dot( normal, viewDir ) );
	vec2 fab = texture2D( dfgLUT, vec2( roughness, dotNV ) ).rg;
	return specularColor * fab.x + specularF90 * fab.y;
}
#ifdef USE_IRIDESCENCE
void computeMultiscatteringIridescence( const in vec2 fab, const in vec3 specularColor, const in float specularF90, const in float iridescence, const in vec3 iridescenceF0, inout vec3 singleScatter, inout vec3 multiScatter ) {
#else
void computeMultiscattering( const in vec2 fab, const in vec3 specularColor, const in float specularF90, inout vec3 singleScatter, inout vec3 multiScatter ) {
#endif
	#ifdef USE_IRIDESCENCE
		vec3 Fr = mix( specularColor, iridescenceF0, iridescence );
	#else
		vec3 Fr = specularColor;
	#endif
	vec3 FssEss = Fr * fab.x + specularF90 * fab.y;
	float Ess = fab.x + fab.y;
	float Ems = 1.0 - Ess;
	vec3 Favg = Fr + ( 1.0 - Fr ) * 0.047619;	vec3 Fms = FssEss * Favg / ( 1.0 - Ems * Favg );
	singleScatter += FssEss;
	multiScatter += Fms * Ems;
}
#if NUM_RECT_AREA_LIGHTS > 0
	void RE_Direct_RectArea_Physical( const in RectAreaLight rectAreaLight, const in vec3 geometryPosition, const in vec3 geometryNormal, const in vec3 geometryViewDir, const in vec3 geometryClearcoatNormal, const in PhysicalMaterial material, inout ReflectedLight reflectedLight ) {
		vec3 normal = geometryNormal;
		vec3 viewDir = geometryViewDir;
		vec3 position = geometryPosition;
		vec3 lightPos = rectAreaLight.position;
		vec3 halfWidth = rectAreaLight.halfWidth;
		vec3 halfHeight = rectAreaLight.halfHeight;
		vec3 lightColor = rectAreaLight.color;
		float roughness = material.roughness;
		vec3 rectCoords[ 4 ];
		rectCoords[ 0 ] = lightPos + halfWidth - halfHeight;		rectCoords[ 1 ] = lightPos - halfWidth - halfHeight;
		rectCoords[ 2 ] = lightPos - halfWidth + halfHeight;
		rectCoords[ 3 ] = lightPos + halfWidth + halfHeight;
		vec2 uv = LTC_Uv( normal, viewDir, roughness );
		vec4 t1 = texture2D( ltc_1, uv );
		vec4 t2 = texture2D( ltc_2, uv );
		mat3 mInv = mat3(
			vec3( t1.x, 0, t1.y ),
			vec3(    0, 1,    0 ),
			vec3( t1.z, 0, t1.w )
		);
		vec3 fresnel = ( material.specularColorBlended * t2.x + ( material.specularF90 - material.specularColorBlended ) * t2.y );
		reflectedLight.directSpecular += lightColor * fresnel * LTC_Evaluate( normal, viewDir, position, mInv, rectCoords );
		reflectedLight.directDiffuse += lightColor * material.diffuseContribution * LTC_Evaluate( normal, viewDir, position, mat3( 1.0 ), rectCoords );
		#ifdef USE_CLEARCOAT
			vec3 Ncc = geometryClearcoatNormal;
			vec2 uvClearcoat = LTC_Uv( Ncc, viewDir, material.clearcoatRoughness );
			vec4 t1Clearcoat = texture2D( ltc_1, uvClearcoat );
			vec4 t2Clearcoat = texture2D( ltc_2, uvClearcoat );
			mat3 mInvClearcoat = mat3(
				vec3( t1Clearcoat.x, 0, t1Clearcoat.y ),
				vec3(             0, 1,             0 ),
				vec3( t1Clearcoat.z, 0, t1Clearcoat.w )
			);
			vec3 fresnelClearcoat = material.clearcoatF0 * t2Clearcoat.x + ( material.clearcoatF90 - material.clearcoatF0 ) * t2Clearcoat.y;
			clearcoatSpecularDirect += lightColor * fresnelClearcoat * LTC_Evaluate( Ncc, viewDir, position, mInvClearcoat, rectCoords );
		#endif
	}
#endif
void RE_Direct_Physical( const in IncidentLight directLight, const in vec3 geometryPosition, const in vec3 geometryNormal, const in vec3 geometryViewDir, const in vec3 geometryClearcoatNormal, const in PhysicalMaterial material, inout ReflectedLight reflectedLight ) {
	float dotNL = saturate( dot( geometryNormal, directLight.direction ) );
	vec3 irradiance = dotNL * directLight.color;
	#ifdef USE_CLEARCOAT
		float dotNLcc = saturate( dot( geometryClearcoatNormal, directLight.direction ) );
		vec3 ccIrradiance = dotNLcc * directLight.color;
		clearcoatSpecularDirect += ccIrradiance * BRDF_GGX_Clearcoat( directLight.direction, geometryViewDir, geometryClearcoatNormal, material );
	#endif
	#ifdef USE_SHEEN
 
 		sheenSpecularDirect += irradiance * BRDF_Sheen( directLight.direction, geometryViewDir, geometryNormal, material.sheenColor, material.sheenRoughness );
 
 		float sheenAlbedoV = IBLSheenBRDF( geometryNormal, geometryViewDir, material.sheenRoughness );
 		float sheenAlbedoL = IBLSheenBRDF( geometryNormal, directLight.direction, material.sheenRoughness );
 
 		float sheenEnergyComp = 1.0 - max3( material.sheenColor ) * max( sheenAlbedoV, sheenAlbedoL );
 
 		irradiance *= sheenEnergyComp;
 
 	#endif
	vec3 specularBRDF = BRDF_GGX( directLight.direction, geometryViewDir, geometryNormal, material );
	#ifdef USE_RETROREFLECTION
		vec3 retroViewDir = reflect( - geometryViewDir, geometryNormal );
		vec3 retroSpecularBRDF = BRDF_GGX( directLight.direction, retroViewDir, geometryNormal, material );
		specularBRDF = mix( specularBRDF, retroSpecularBRDF, saturate( material.retroreflectivity ) );
	#endif
	reflectedLight.directSpecular += irradiance * specularBRDF * material.multiScatteringCompensation;
	vec3 halfDir = normalize( directLight.direction + geometryViewDir );
	float dotVH = saturate( dot( geometryViewDir, halfDir ) );
	vec3 F = F_Schlick( material.specularColor, material.specularF90, dotVH );
	#ifdef USE_RETROREFLECTION
		vec3 retroHalfDir = normalize( directLight.direction + retroViewDir );
		float dotRetroVH = saturate( dot( retroViewDir, retroHalfDir ) );
		vec3 retroF = F_Schlick( material.specularColor, material.specularF90, dotRetroVH );
		F = mix( F, retroF, saturate( material.retroreflectivity ) );
	#endif
	#ifdef USE_DIFFUSE_ROUGHNESS
		vec3 diffuseBRDF = BRDF_EON( directLight.direction, geometryViewDir, geometryNormal, material.diffuseColor, material.diffuseRoughness ) * ( 1.0 - material.metalness );
	#else
		vec3 diffuseBRDF = BRDF_Lambert( material.diffuseContribution );
	#endif
	reflectedLight.directDiffuse += irradiance * diffuseBRDF * ( 1.0 - F );
}
void RE_IndirectDiffuse_Physical( const in vec3 irradiance, const in vec3 geometryPosition, const in vec3 geometryNormal, const in vec3 geometryViewDir, const in vec3 geometryClearcoatNormal, const in PhysicalMaterial material, inout ReflectedLight reflectedLight ) {
	vec3 singleScattering = vec3( 0.0 );
	vec3 multiScattering = vec3( 0.0 );
	#ifdef USE_IRIDESCENCE
		computeMultiscatteringIridescence( material.dfg, material.specularColor, material.specularF90, material.iridescence, material.iridescenceF0Dielectric, singleScattering, multiScattering );
	#else
		computeMultiscattering( material.dfg, material.specularColor, material.specularF90, singleScattering, multiScattering );
	#endif
	#ifdef USE_DIFFUSE_ROUGHNESS
		float dotNV = saturate( dot( geometryNormal, geometryViewDir ) );
		vec3 diffuseAlbedo = EON_DirectionalAlbedo( material.diffuseColor, material.diffuseRoughness, dotNV ) * ( 1.0 - material.metalness );
		vec3 diffuse = irradiance * RECIPROCAL_PI * diffuseAlbedo * ( 1.0 - singleScattering - multiScattering );
	#else
		vec3 diffuse = irradiance * BRDF_Lambert( material.diffuseContribution ) * ( 1.0 - singleScattering - multiScattering );
	#endif
	#ifdef USE_SHEEN
		float sheenAlbedo = IBLSheenBRDF( geometryNormal, geometryViewDir, material.sheenRoughness );
		sheenSpecularIndirect += irradiance * material.sheenColor * sheenAlbedo * RECIPROCAL_PI;
		float sheenEnergyComp = 1.0 - max3( material.sheenColor ) * sheenAlbedo;
		diffuse *= sheenEnergyComp;
	#endif
	reflectedLight.indirectDiffuse += diffuse;
}
void RE_IndirectSpecular_Physical( const in vec3 radiance, const in vec3 irradiance, const in vec3 clearcoatRadiance, const in vec3 geometryPosition, const in vec3 geometryNormal, const in vec3 geometryViewDir, const in vec3 geometryClearcoatNormal, const in PhysicalMaterial material, inout ReflectedLight reflectedLight) {
	#ifdef USE_CLEARCOAT
		clearcoatSpecularIndirect += clearcoatRadiance * EnvironmentBRDF( geometryClearcoatNormal, geometryViewDir, material.clearcoatF0, material.clearcoatF90, material.clearcoatRoughness );
	#endif
	#ifdef USE_SHEEN
		sheenSpecularIndirect += irradiance * material.sheenColor * IBLSheenBRDF( geometryNormal, geometryViewDir, material.sheenRoughness ) * RECIPROCAL_PI;
 	#endif
	vec3 singleScatteringDielectric = vec3( 0.0 );
	vec3 multiScatteringDielectric = vec3( 0.0 );
	vec3 singleScatteringMetallic = vec3( 0.0 );
	vec3 multiScatteringMetallic = vec3( 0.0 );
	#ifdef USE_IRIDESCENCE
		computeMultiscatteringIridescence( material.dfg, material.specularColor, material.specularF90, material.iridescence, material.iridescenceF0Dielectric, singleScatteringDielectric, multiScatteringDielectric );
		computeMultiscatteringIridescence( material.dfg, material.diffuseColor, material.specularF90, material.iridescence, material.iridescenceF0Metallic, singleScatteringMetallic, multiScatteringMetallic );
	#else
		computeMultiscattering( material.dfg, material.specularColor, material.specularF90, singleScatteringDielectric, multiScatteringDielectric );
		computeMultiscattering( material.dfg, material.diffuseColor, material.specularF90, singleScatteringMetallic, multiScatteringMetallic );
	#endif
	vec3 singleScattering = mix( singleScatteringDielectric, singleScatteringMetallic, material.metalness );
	vec3 multiScattering = mix( multiScatteringDielectric, multiScatteringMetallic, material.metalness );
	vec3 totalScatteringDielectric = singleScatteringDielectric + multiScatteringDielectric;
	#ifdef USE_DIFFUSE_ROUGHNESS
		float dotNV = saturate( dot( geometryNormal, geometryViewDir ) );
		vec3 diffuse = EON_DirectionalAlbedo( material.diffuseColor, material.diffuseRoughness, dotNV ) * ( 1.0 - material.metalness ) * ( 1.0 - totalScatteringDielectric );
	#else
		vec3 diffuse = material.diffuseContribution * ( 1.0 - totalScatteringDielectric );
	#endif
	vec3 cosineWeightedIrradiance = irradiance * RECIPROCAL_PI;
	vec3 indirectSpecular = radiance * singleScattering;
	indirectSpecular += multiScattering * cosineWeightedIrradiance;
	vec3 indirectDiffuse = diffuse * cosineWeightedIrradiance;
	#ifdef USE_SHEEN
		float sheenAlbedo = IBLSheenBRDF( geometryNormal, geometryViewDir, material.sheenRoughness );
		float sheenEnergyComp = 1.0 - max3( material.sheenColor ) * sheenAlbedo;
		indirectSpecular *= sheenEnergyComp;
		indirectDiffuse *= sheenEnergyComp;
	#endif
	reflectedLight.indirectSpecular += indirectSpecular;
	reflectedLight.indirectDiffuse += indirectDiffuse;
}
#define RE_Direct				RE_Direct_Physical
#define RE_Direct_RectArea		RE_Direct_RectArea_Physical
#define RE_IndirectDiffuse		RE_IndirectDiffuse_Physical
#define RE_IndirectSpecular		RE_IndirectSpecular_Physical
float computeSpecularOcclusion( const in float dotNV, const in float ambientOcclusion, const in float roughness ) {
	return saturate( pow( dotNV + ambientOcclusion, exp2( - 16.0 * roughness - 1.0 ) ) - 1.0 + ambientOcclusion );
}`,L0=`
vec3 geometryPosition = - vViewPosition;
vec3 geometryNormal = normal;
vec3 geometryViewDir = ( isOrthographic ) ? vec3( 0, 0, 1 ) : normalize( vViewPosition );
vec3 geometryClearcoatNormal = vec3( 0.0 );
#ifdef USE_CLEARCOAT
	geometryClearcoatNormal = clearcoatNormal;
#endif
#ifdef USE_IRIDESCENCE
	float dotNVi = saturate( dot( normal, geometryViewDir ) );
	if ( material.iridescenceThickness == 0.0 ) {
		material.iridescence = 0.0;
	} else {
		material.iridescence = saturate( material.iridescence );
	}
	if ( material.iridescence > 0.0 ) {
		vec3 iridescenceFresnelDielectric = evalIridescence( 1.0, material.iridescenceIOR, dotNVi, material.iridescenceThickness, material.specularColor );
		vec3 iridescenceFresnelMetallic = evalIridescence( 1.0, material.iridescenceIOR, dotNVi, material.iridescenceThickness, material.diffuseColor );
		material.iridescenceFresnel = mix( iridescenceFresnelDielectric, iridescenceFresnelMetallic, material.metalness );
		material.iridescenceF0Dielectric = Schlick_to_F0( iridescenceFresnelDielectric, 1.0, dotNVi );
		material.iridescenceF0Metallic = Schlick_to_F0( iridescenceFresnelMetallic, 1.0, dotNVi );
	}
#endif
#ifdef STANDARD
	float dotNVms = saturate( dot( geometryNormal, geometryViewDir ) );
	material.dfg = texture2D( dfgLUT, vec2( material.roughness, dotNVms ) ).rg;
	#if ( NUM_SUN_LIGHTS > 0 || NUM_DIR_LIGHTS > 0 || NUM_POINT_LIGHTS > 0 || NUM_SPOT_LIGHTS > 0 )
		float EssMs = material.dfg.x + material.dfg.y;
		material.multiScatteringCompensation = 1.0 + material.specularColorBlended * ( 1.0 / EssMs - 1.0 );
	#endif
#endif
IncidentLight directLight;
#if ( NUM_POINT_LIGHTS > 0 ) && defined( RE_Direct )
	PointLight pointLight;
	#if defined( USE_SHADOWMAP ) && NUM_POINT_LIGHT_SHADOWS > 0
	PointLightShadow pointLightShadow;
	#endif
	#pragma unroll_loop_start
	for ( int i = 0; i < NUM_POINT_LIGHTS; i ++ ) {
		pointLight = pointLights[ i ];
		getPointLightInfo( pointLight, geometryPosition, directLight );
		#if defined( USE_SHADOWMAP ) && ( UNROLLED_LOOP_INDEX < NUM_POINT_LIGHT_SHADOWS ) && ( defined( SHADOWMAP_TYPE_PCF ) || defined( SHADOWMAP_TYPE_BASIC ) )
		pointLightShadow = pointLightShadows[ i ];
		directLight.color *= ( directLight.visible && receiveShadow ) ? getPointShadow( pointShadowMap[ i ], pointLightShadow.shadowMapSize, pointLightShadow.shadowIntensity, pointLightShadow.shadowBias, pointLightShadow.shadowRadius, vPointShadowCoord[ i ], pointLightShadow.shadowCameraNear, pointLightShadow.shadowCameraFar ) : 1.0;
		#endif
		RE_Direct( directLight, geometryPosition, geometryNormal, geometryViewDir, geometryClearcoatNormal, material, reflectedLight );
	}
	#pragma unroll_loop_end
#endif
#if ( NUM_SPOT_LIGHTS > 0 ) && defined( RE_Direct )
	SpotLight spotLight;
	vec4 spotColor;
	vec3 spotLightCoord;
	bool inSpotLightMap;
	#if defined( USE_SHADOWMAP ) && NUM_SPOT_LIGHT_SHADOWS > 0
	SpotLightShadow spotLightShadow;
	#endif
	#pragma unroll_loop_start
	for ( int i = 0; i < NUM_SPOT_LIGHTS; i ++ ) {
		spotLight = spotLights[ i ];
		getSpotLightInfo( spotLight, geometryPosition, directLight );
		#if ( UNROLLED_LOOP_INDEX < NUM_SPOT_LIGHT_SHADOWS_WITH_MAPS )
		#define SPOT_LIGHT_MAP_INDEX UNROLLED_LOOP_INDEX
		#elif ( UNROLLED_LOOP_INDEX < NUM_SPOT_LIGHT_SHADOWS )
		#define SPOT_LIGHT_MAP_INDEX NUM_SPOT_LIGHT_MAPS
		#else
		#define SPOT_LIGHT_MAP_INDEX ( UNROLLED_LOOP_INDEX - NUM_SPOT_LIGHT_SHADOWS + NUM_SPOT_LIGHT_SHADOWS_WITH_MAPS )
		#endif
		#if ( SPOT_LIGHT_MAP_INDEX < NUM_SPOT_LIGHT_MAPS )
			spotLightCoord = vSpotLightCoord[ i ].xyz / vSpotLightCoord[ i ].w;
			inSpotLightMap = all( lessThan( abs( spotLightCoord * 2. - 1. ), vec3( 1.0 ) ) );
			spotColor = texture2D( spotLightMap[ SPOT_LIGHT_MAP_INDEX ], spotLightCoord.xy );
			directLight.color = inSpotLightMap ? directLight.color * spotColor.rgb : directLight.color;
		#endif
		#undef SPOT_LIGHT_MAP_INDEX
		#if defined( USE_SHADOWMAP ) && ( UNROLLED_LOOP_INDEX < NUM_SPOT_LIGHT_SHADOWS )
		spotLightShadow = spotLightShadows[ i ];
		directLight.color *= ( directLight.visible && receiveShadow ) ? getShadow( spotShadowMap[ i ], spotLightShadow.shadowMapSize, spotLightShadow.shadowIntensity, spotLightShadow.shadowBias, spotLightShadow.shadowRadius, vSpotLightCoord[ i ] ) : 1.0;
		#endif
		RE_Direct( directLight, geometryPosition, geometryNormal, geometryViewDir, geometryClearcoatNormal, material, reflectedLight );
	}
	#pragma unroll_loop_end
#endif
#if ( NUM_SUN_LIGHTS > 0 ) && defined( RE_Direct )
	SunLight sunLight;
	#if defined( USE_SHADOWMAP ) && NUM_SUN_LIGHT_SHADOWS > 0
	SunLightShadow sunLightShadow;
	#endif
	#pragma unroll_loop_start
	for ( int i = 0; i < NUM_SUN_LIGHTS; i ++ ) {
		sunLight = sunLights[ i ];
		getSunLightInfo( sunLight, directLight );
		#if defined( USE_SHADOWMAP ) && ( UNROLLED_LOOP_INDEX < NUM_SUN_LIGHT_SHADOWS )
		sunLightShadow = sunLightShadows[ i ];
		directLight.color *= ( directLight.visible && receiveShadow ) ? getSunShadow( sunShadowMap[ i ], sunLightShadow, UNROLLED_LOOP_INDEX ) : 1.0;
		#endif
		RE_Direct( directLight, geometryPosition, geometryNormal, geometryViewDir, geometryClearcoatNormal, material, reflectedLight );
	}
	#pragma unroll_loop_end
#endif
#if ( NUM_DIR_LIGHTS > 0 ) && defined( RE_Direct )
	DirectionalLight directionalLight;
	#if defined( USE_SHADOWMAP ) && NUM_DIR_LIGHT_SHADOWS > 0
	DirectionalLightShadow directionalLightShadow;
	#endif
	#pragma unroll_loop_start
	for ( int i = 0; i < NUM_DIR_LIGHTS; i ++ ) {
		directionalLight = directionalLights[ i ];
		getDirectionalLightInfo( directionalLight, directLight );
		#if defined( USE_SHADOWMAP ) && ( UNROLLED_LOOP_INDEX < NUM_DIR_LIGHT_SHADOWS )
		directionalLightShadow = directionalLightShadows[ i ];
		directLight.color *= ( directLight.visible && receiveShadow ) ? getShadow( directionalShadowMap[ i ], directionalLightShadow.shadowMapSize, directionalLightShadow.shadowIntensity, directionalLightShadow.shadowBias, directionalLightShadow.shadowRadius, vDirectionalShadowCoord[ i ] ) : 1.0;
		#endif
		RE_Direct( directLight, geometryPosition, geometryNormal, geometryViewDir, geometryClearcoatNormal, material, reflectedLight );
	}
	#pragma unroll_loop_end
#endif
#if ( NUM_RECT_AREA_LIGHTS > 0 ) && defined( RE_Direct_RectArea )
	RectAreaLight rectAreaLight;
	#pragma unroll_loop_start
	for ( int i = 0; i < NUM_RECT_AREA_LIGHTS; i ++ ) {
		rectAreaLight = rectAreaLights[ i ];
		RE_Direct_RectArea( rectAreaLight, geometryPosition, geometryNormal, geometryViewDir, geometryClearcoatNormal, material, reflectedLight );
	}
	#pragma unroll_loop_end
#endif
#if defined( RE_IndirectDiffuse )
	vec3 iblIrradiance = vec3( 0.0 );
	vec3 irradiance = getAmbientLightIrradiance( ambientLightColor );
	#if defined( USE_LIGHT_PROBES )
		irradiance += getLightProbeIrradiance( lightProbe, geometryNormal );
	#endif
	#if ( NUM_HEMI_LIGHTS > 0 )
		#pragma unroll_loop_start
		for ( int i = 0; i < NUM_HEMI_LIGHTS; i ++ ) {
			irradiance += getHemisphereLightIrradiance( hemisphereLights[ i ], geometryNormal );
		}
		#pragma unroll_loop_end
	#endif
	#if NUM_LIGHT_PROBE_GRIDS > 0
		vec3 probeWorldPos = ( ( vec4( geometryPosition, 1.0 ) - viewMatrix[ 3 ] ) * viewMatrix ).xyz;
		vec3 probeWorldNormal = transformNormalByInverseViewMatrix( geometryNormal, viewMatrix );
		int probeGrid = - 1;
		#pragma unroll_loop_start
		for ( int i = 0; i < NUM_LIGHT_PROBE_GRIDS; i ++ ) {
			if ( isInsideLightProbeGrid( probeWorldPos, probeWorldNormal, probesMin[ i ], probesMax[ i ], probesResolution[ i ] ) ) probeGrid = UNROLLED_LOOP_INDEX;
		}
		#pragma unroll_loop_end
		#pragma unroll_loop_start
		for ( int i = 0; i < NUM_LIGHT_PROBE_GRIDS; i ++ ) {
			if ( probeGrid == UNROLLED_LOOP_INDEX ) irradiance += getLightProbeGridIrradiance( probesSH[ i ], probesMin[ i ], probesMax[ i ], probesResolution[ i ], probeWorldPos, probeWorldNormal );
		}
		#pragma unroll_loop_end
	#endif
#endif
#if defined( RE_IndirectSpecular )
	vec3 radiance = vec3( 0.0 );
	vec3 clearcoatRadiance = vec3( 0.0 );
#endif`,N0=`#if defined( RE_IndirectDiffuse )
	#ifdef USE_LIGHTMAP
		vec4 lightMapTexel = texture2D( lightMap, vLightMapUv );
		vec3 lightMapIrradiance = lightMapTexel.rgb * lightMapIntensity;
		irradiance += lightMapIrradiance;
	#endif
	#if defined( USE_ENVMAP ) && defined( ENVMAP_TYPE_PMREM )
		#if defined( STANDARD ) || defined( LAMBERT ) || defined( PHONG )
			iblIrradiance += getIBLIrradiance( geometryNormal );
		#endif
	#endif
#endif
#if defined( USE_ENVMAP ) && defined( RE_IndirectSpecular )
	#ifdef USE_ANISOTROPY
		vec3 iblRadiance = getIBLAnisotropyRadiance( geometryViewDir, geometryNormal, material.roughness, material.anisotropyB, material.anisotropy );
	#else
		vec3 iblRadiance = getIBLRadiance( geometryViewDir, geometryNormal, material.roughness );
	#endif
	#ifdef USE_RETROREFLECTION
		#ifdef USE_ANISOTROPY
			vec3 retroIBLRadiance = getIBLAnisotropyRetroRadiance( geometryViewDir, geometryNormal, material.roughness, material.anisotropyB, material.anisotropy );
		#else
			vec3 retroIBLRadiance = getIBLRetroRadiance( geometryViewDir, geometryNormal, material.roughness );
		#endif
		iblRadiance = mix( iblRadiance, retroIBLRadiance, saturate( material.retroreflectivity ) );
	#endif
	radiance += iblRadiance;
	#ifdef USE_CLEARCOAT
		clearcoatRadiance += getIBLRadiance( geometryViewDir, geometryClearcoatNormal, material.clearcoatRoughness );
	#endif
#endif`,D0=`#if defined( RE_IndirectDiffuse )
	#if defined( LAMBERT ) || defined( PHONG )
		irradiance += iblIrradiance;
	#endif
	RE_IndirectDiffuse( irradiance, geometryPosition, geometryNormal, geometryViewDir, geometryClearcoatNormal, material, reflectedLight );
#endif
#if defined( RE_IndirectSpecular )
	RE_IndirectSpecular( radiance, iblIrradiance, clearcoatRadiance, geometryPosition, geometryNormal, geometryViewDir, geometryClearcoatNormal, material, reflectedLight );
#endif`,U0=`#if NUM_LIGHT_PROBE_GRIDS > 0
uniform highp sampler3D probesSH[ NUM_LIGHT_PROBE_GRIDS ];
uniform vec3 probesMin[ NUM_LIGHT_PROBE_GRIDS ];
uniform vec3 probesMax[ NUM_LIGHT_PROBE_GRIDS ];
uniform vec3 probesResolution[ NUM_LIGHT_PROBE_GRIDS ];
bool isInsideLightProbeGrid( vec3 worldPos, vec3 worldNormal, vec3 probesMin, vec3 probesMax, vec3 probesResolution ) {
	vec3 spacing = ( probesMax - probesMin ) / probesResolution;
	vec3 samplePos = worldPos + worldNormal * spacing * 0.5;
	vec3 margin = spacing * 0.01;
	return all( greaterThanEqual( samplePos, probesMin - margin ) ) && all( lessThanEqual( samplePos, probesMax + margin ) );
}
vec3 getLightProbeGridIrradiance( highp sampler3D probesSH, vec3 probesMin, vec3 probesMax, vec3 probesResolution, vec3 worldPos, vec3 worldNormal ) {
	vec3 res = probesResolution;
	vec3 gridRange = probesMax - probesMin;
	vec3 probeSpacing = gridRange / res;
	vec3 samplePos = worldPos + worldNormal * probeSpacing * 0.5;
	vec3 uvw = clamp( ( samplePos - probesMin ) / gridRange, 0.5 / res, 1.0 - 0.5 / res );
	float nz          = res.z;
	float paddedSlices = nz + 2.0;
	float atlasDepth  = 7.0 * paddedSlices;
	float uvZBase     = uvw.z * nz + 1.0;
	vec4 s0 = texture( probesSH, vec3( uvw.xy, ( uvZBase                       ) / atlasDepth ) );
	vec4 s1 = texture( probesSH, vec3( uvw.xy, ( uvZBase +       paddedSlices   ) / atlasDepth ) );
	vec4 s2 = texture( probesSH, vec3( uvw.xy, ( uvZBase + 2.0 * paddedSlices   ) / atlasDepth ) );
	vec4 s3 = texture( probesSH, vec3( uvw.xy, ( uvZBase + 3.0 * paddedSlices   ) / atlasDepth ) );
	vec4 s4 = texture( probesSH, vec3( uvw.xy, ( uvZBase + 4.0 * paddedSlices   ) / atlasDepth ) );
	vec4 s5 = texture( probesSH, vec3( uvw.xy, ( uvZBase + 5.0 * paddedSlices   ) / atlasDepth ) );
	vec4 s6 = texture( probesSH, vec3( uvw.xy, ( uvZBase + 6.0 * paddedSlices   ) / atlasDepth ) );
	vec3 c0 = s0.xyz;
	vec3 c1 = vec3( s0.w, s1.xy );
	vec3 c2 = vec3( s1.zw, s2.x );
	vec3 c3 = s2.yzw;
	vec3 c4 = s3.xyz;
	vec3 c5 = vec3( s3.w, s4.xy );
	vec3 c6 = vec3( s4.zw, s5.x );
	vec3 c7 = s5.yzw;
	vec3 c8 = s6.xyz;
	float x = worldNormal.x, y = worldNormal.y, z = worldNormal.z;
	vec3 result = c0 * 0.886227;
	result += c1 * 2.0 * 0.511664 * y;
	result += c2 * 2.0 * 0.511664 * z;
	result += c3 * 2.0 * 0.511664 * x;
	result += c4 * 2.0 * 0.429043 * x * y;
	result += c5 * 2.0 * 0.429043 * y * z;
	result += c6 * ( 0.743125 * z * z - 0.247708 );
	result += c7 * 2.0 * 0.429043 * x * z;
	result += c8 * 0.429043 * ( x * x - y * y );
	return max( result, vec3( 0.0 ) );
}
#endif`,O0=`#if defined( USE_LOGARITHMIC_DEPTH_BUFFER )
	gl_FragDepth = vIsPerspective == 0.0 ? gl_FragCoord.z : log2( vFragDepth ) * logDepthBufFC * 0.5;
#endif`,F0=`#if defined( USE_LOGARITHMIC_DEPTH_BUFFER )
	uniform float logDepthBufFC;
	varying float vFragDepth;
	varying float vIsPerspective;
#endif`,B0=`#ifdef USE_LOGARITHMIC_DEPTH_BUFFER
	varying float vFragDepth;
	varying float vIsPerspective;
#endif`,z0=`#ifdef USE_LOGARITHMIC_DEPTH_BUFFER
	vFragDepth = 1.0 + gl_Position.w;
	vIsPerspective = float( isPerspectiveMatrix( projectionMatrix ) );
#endif`,k0=`#ifdef USE_MAP
	vec4 sampledDiffuseColor = texture2D( map, vMapUv );
	#ifdef DECODE_VIDEO_TEXTURE
		sampledDiffuseColor = sRGBTransferEOTF( sampledDiffuseColor );
	#endif
	diffuseColor *= sampledDiffuseColor;
#endif`,V0=`#ifdef USE_MAP
	uniform sampler2D map;
#endif`,G0=`#if defined( USE_MAP ) || defined( USE_ALPHAMAP )
	#if defined( USE_POINTS_UV )
		vec2 uv = vUv;
	#else
		vec2 uv = ( uvTransform * vec3( gl_PointCoord.x, 1.0 - gl_PointCoord.y, 1 ) ).xy;
	#endif
#endif
#ifdef USE_MAP
	diffuseColor *= texture2D( map, uv );
#endif
#ifdef USE_ALPHAMAP
	diffuseColor.a *= texture2D( alphaMap, uv ).g;
#endif`,H0=`#if defined( USE_POINTS_UV )
	varying vec2 vUv;
#else
	#if defined( USE_MAP ) || defined( USE_ALPHAMAP )
		uniform mat3 uvTransform;
	#endif
#endif
#ifdef USE_MAP
	uniform sampler2D map;
#endif
#ifdef USE_ALPHAMAP
	uniform sampler2D alphaMap;
#endif`,W0=`float metalnessFactor = metalness;
#ifdef USE_METALNESSMAP
	vec4 texelMetalness = texture2D( metalnessMap, vMetalnessMapUv );
	metalnessFactor *= texelMetalness.b;
#endif`,X0=`#ifdef USE_METALNESSMAP
	uniform sampler2D metalnessMap;
#endif`,q0=`#ifdef USE_INSTANCING_MORPH
	float morphTargetInfluences[ MORPHTARGETS_COUNT ];
	float morphTargetBaseInfluence = texelFetch( morphTexture, ivec2( 0, gl_InstanceID ), 0 ).r;
	for ( int i = 0; i < MORPHTARGETS_COUNT; i ++ ) {
		morphTargetInfluences[i] =  texelFetch( morphTexture, ivec2( i + 1, gl_InstanceID ), 0 ).r;
	}
#endif`,Y0=`#if defined( USE_MORPHCOLORS )
	#if defined( USE_COLOR_ALPHA )
		vColor *= morphTargetBaseInfluence;
	#elif defined( USE_COLOR )
		vColor.rgb *= morphTargetBaseInfluence;
	#endif
	for ( int i = 0; i < MORPHTARGETS_COUNT; i ++ ) {
		#if defined( USE_COLOR_ALPHA )
			if ( morphTargetInfluences[ i ] != 0.0 ) vColor += getMorph( gl_VertexID, i, 2 ) * morphTargetInfluences[ i ];
		#elif defined( USE_COLOR )
			if ( morphTargetInfluences[ i ] != 0.0 ) vColor.rgb += getMorph( gl_VertexID, i, 2 ).rgb * morphTargetInfluences[ i ];
		#endif
	}
#endif`,$0=`#ifdef USE_MORPHNORMALS
	objectNormal *= morphTargetBaseInfluence;
	for ( int i = 0; i < MORPHTARGETS_COUNT; i ++ ) {
		if ( morphTargetInfluences[ i ] != 0.0 ) objectNormal += getMorph( gl_VertexID, i, 1 ).xyz * morphTargetInfluences[ i ];
	}
#endif`,Z0=`#ifdef USE_MORPHTARGETS
	#ifndef USE_INSTANCING_MORPH
		uniform float morphTargetBaseInfluence;
		uniform float morphTargetInfluences[ MORPHTARGETS_COUNT ];
	#endif
	uniform sampler2DArray morphTargetsTexture;
	uniform ivec2 morphTargetsTextureSize;
	vec4 getMorph( const in int vertexIndex, const in int morphTargetIndex, const in int offset ) {
		int texelIndex = vertexIndex * MORPHTARGETS_TEXTURE_STRIDE + offset;
		int y = texelIndex / morphTargetsTextureSize.x;
		int x = texelIndex - y * morphTargetsTextureSize.x;
		ivec3 morphUV = ivec3( x, y, morphTargetIndex );
		return texelFetch( morphTargetsTexture, morphUV, 0 );
	}
#endif`,J0=`#ifdef USE_MORPHTARGETS
	transformed *= morphTargetBaseInfluence;
	for ( int i = 0; i < MORPHTARGETS_COUNT; i ++ ) {
		if ( morphTargetInfluences[ i ] != 0.0 ) transformed += getMorph( gl_VertexID, i, 0 ).xyz * morphTargetInfluences[ i ];
	}
#endif`,K0=`float faceDirection = gl_FrontFacing ? 1.0 : - 1.0;
#ifdef FLAT_SHADED
	vec3 fdx = dFdx( vViewPosition );
	vec3 fdy = dFdy( vViewPosition );
	vec3 normal = normalize( cross( fdx, fdy ) );
#else
	vec3 normal = normalize( vNormal );
	#ifdef DOUBLE_SIDED
		normal *= faceDirection;
	#endif
#endif
#if defined( USE_NORMALMAP_TANGENTSPACE ) || defined( USE_CLEARCOAT_NORMALMAP ) || defined( USE_ANISOTROPY )
	#ifdef USE_TANGENT
		mat3 tbn = mat3( normalize( vTangent ), normalize( vBitangent ), normal );
	#else
		mat3 tbn = getTangentFrame( - vViewPosition, normal,
		#if defined( USE_NORMALMAP )
			vNormalMapUv
		#elif defined( USE_CLEARCOAT_NORMALMAP )
			vClearcoatNormalMapUv
		#else
			vUv
		#endif
		);
	#endif
	#ifdef DOUBLE_SIDED
		tbn[0] *= faceDirection;
		tbn[1] *= faceDirection;
	#endif
#endif
#ifdef USE_CLEARCOAT_NORMALMAP
	#ifdef USE_TANGENT
		mat3 tbn2 = mat3( normalize( vTangent ), normalize( vBitangent ), normal );
	#else
		mat3 tbn2 = getTangentFrame( - vViewPosition, normal, vClearcoatNormalMapUv );
	#endif
	#ifdef DOUBLE_SIDED
		tbn2[0] *= faceDirection;
		tbn2[1] *= faceDirection;
	#endif
#endif
vec3 nonPerturbedNormal = normal;`,j0=`#ifdef USE_NORMALMAP_OBJECTSPACE
	normal = texture2D( normalMap, vNormalMapUv ).xyz * 2.0 - 1.0;
	#ifdef FLIP_SIDED
		normal = - normal;
	#endif
	#ifdef DOUBLE_SIDED
		normal = normal * faceDirection;
	#endif
	normal = normalize( normalMatrix * normal );
#elif defined( USE_NORMALMAP_TANGENTSPACE )
	vec3 mapN = texture2D( normalMap, vNormalMapUv ).xyz * 2.0 - 1.0;
	#if defined( USE_PACKED_NORMALMAP )
		mapN = vec3( mapN.xy, sqrt( saturate( 1.0 - dot( mapN.xy, mapN.xy ) ) ) );
	#endif
	mapN.xy *= normalScale;
	normal = normalize( tbn * mapN );
#elif defined( USE_BUMPMAP )
	normal = perturbNormalArb( - vViewPosition, normal, dHdxy_fwd(), faceDirection );
#endif`,Q0=`#ifndef FLAT_SHADED
	varying vec3 vNormal;
	#ifdef USE_TANGENT
		varying vec3 vTangent;
		varying vec3 vBitangent;
	#endif
#endif`,ep=`#ifndef FLAT_SHADED
	varying vec3 vNormal;
	#ifdef USE_TANGENT
		varying vec3 vTangent;
		varying vec3 vBitangent;
	#endif
#endif`,tp=`#ifndef FLAT_SHADED
	vNormal = normalize( transformedNormal );
	#ifdef USE_TANGENT
		vTangent = normalize( transformedTangent );
		vBitangent = normalize( cross( vNormal, vTangent ) * tangent.w );
		#ifdef FLIP_SIDED
			vBitangent = - vBitangent;
		#endif
	#endif
#endif`,np=`#ifdef USE_NORMALMAP
	uniform sampler2D normalMap;
	uniform vec2 normalScale;
#endif
#ifdef USE_NORMALMAP_OBJECTSPACE
	uniform mat3 normalMatrix;
#endif
#if ! defined ( USE_TANGENT ) && ( defined ( USE_NORMALMAP_TANGENTSPACE ) || defined ( USE_CLEARCOAT_NORMALMAP ) || defined( USE_ANISOTROPY ) )
	mat3 getTangentFrame( vec3 eye_pos, vec3 surf_norm, vec2 uv ) {
		vec3 q0 = dFdx( eye_pos.xyz );
		vec3 q1 = dFdy( eye_pos.xyz );
		vec2 st0 = dFdx( uv.st );
		vec2 st1 = dFdy( uv.st );
		vec3 N = surf_norm;
		vec3 q1perp = cross( q1, N );
		vec3 q0perp = cross( N, q0 );
		vec3 T = q1perp * st0.x + q0perp * st1.x;
		vec3 B = q1perp * st0.y + q0perp * st1.y;
		float det = max( dot( T, T ), dot( B, B ) );
		float scale = ( det == 0.0 ) ? 0.0 : inversesqrt( det );
		return mat3( T * scale, B * scale, N );
	}
#endif`,ip=`#ifdef USE_CLEARCOAT
	vec3 clearcoatNormal = nonPerturbedNormal;
#endif`,sp=`#ifdef USE_CLEARCOAT_NORMALMAP
	vec3 clearcoatMapN = texture2D( clearcoatNormalMap, vClearcoatNormalMapUv ).xyz * 2.0 - 1.0;
	clearcoatMapN.xy *= clearcoatNormalScale;
	clearcoatNormal = normalize( tbn2 * clearcoatMapN );
#endif`,ap=`#ifdef USE_CLEARCOATMAP
	uniform sampler2D clearcoatMap;
#endif
#ifdef USE_CLEARCOAT_NORMALMAP
	uniform sampler2D clearcoatNormalMap;
	uniform vec2 clearcoatNormalScale;
#endif
#ifdef USE_CLEARCOAT_ROUGHNESSMAP
	uniform sampler2D clearcoatRoughnessMap;
#endif`,rp=`#ifdef USE_IRIDESCENCEMAP
	uniform sampler2D iridescenceMap;
#endif
#ifdef USE_IRIDESCENCE_THICKNESSMAP
	uniform sampler2D iridescenceThicknessMap;
#endif`,op=`#ifdef OPAQUE
diffuseColor.a = 1.0;
#endif
#ifdef USE_TRANSMISSION
diffuseColor.a *= material.transmissionAlpha;
#endif
gl_FragColor = vec4( outgoingLight, diffuseColor.a );`,cp=`vec3 packNormalToRGB( const in vec3 normal ) {
	return normalize( normal ) * 0.5 + 0.5;
}
vec3 unpackRGBToNormal( const in vec3 rgb ) {
	return 2.0 * rgb.xyz - 1.0;
}
const float PackUpscale = 256. / 255.;const float UnpackDownscale = 255. / 256.;const float ShiftRight8 = 1. / 256.;
const float Inv255 = 1. / 255.;
const vec4 PackFactors = vec4( 1.0, 256.0, 256.0 * 256.0, 256.0 * 256.0 * 256.0 );
const vec2 UnpackFactors2 = vec2( UnpackDownscale, 1.0 / PackFactors.g );
const vec3 UnpackFactors3 = vec3( UnpackDownscale / PackFactors.rg, 1.0 / PackFactors.b );
const vec4 UnpackFactors4 = vec4( UnpackDownscale / PackFactors.rgb, 1.0 / PackFactors.a );
vec4 packDepthToRGBA( const in float v ) {
	if( v <= 0.0 )
		return vec4( 0., 0., 0., 0. );
	if( v >= 1.0 )
		return vec4( 1., 1., 1., 1. );
	float vuf;
	float af = modf( v * PackFactors.a, vuf );
	float bf = modf( vuf * ShiftRight8, vuf );
	float gf = modf( vuf * ShiftRight8, vuf );
	return vec4( vuf * Inv255, gf * PackUpscale, bf * PackUpscale, af );
}
vec3 packDepthToRGB( const in float v ) {
	if( v <= 0.0 )
		return vec3( 0., 0., 0. );
	if( v >= 1.0 )
		return vec3( 1., 1., 1. );
	float vuf;
	float bf = modf( v * PackFactors.b, vuf );
	float gf = modf( vuf * ShiftRight8, vuf );
	return vec3( vuf * Inv255, gf * PackUpscale, bf );
}
vec2 packDepthToRG( const in float v ) {
	if( v <= 0.0 )
		return vec2( 0., 0. );
	if( v >= 1.0 )
		return vec2( 1., 1. );
	float vuf;
	float gf = modf( v * 256., vuf );
	return vec2( vuf * Inv255, gf );
}
float unpackRGBAToDepth( const in vec4 v ) {
	return dot( v, UnpackFactors4 );
}
float unpackRGBToDepth( const in vec3 v ) {
	return dot( v, UnpackFactors3 );
}
float unpackRGToDepth( const in vec2 v ) {
	return v.r * UnpackFactors2.r + v.g * UnpackFactors2.g;
}
vec4 pack2HalfToRGBA( const in vec2 v ) {
	vec4 r = vec4( v.x, fract( v.x * 255.0 ), v.y, fract( v.y * 255.0 ) );
	return vec4( r.x - r.y / 255.0, r.y, r.z - r.w / 255.0, r.w );
}
vec2 unpackRGBATo2Half( const in vec4 v ) {
	return vec2( v.x + ( v.y / 255.0 ), v.z + ( v.w / 255.0 ) );
}
float viewZToOrthographicDepth( const in float viewZ, const in float near, const in float far ) {
	return ( viewZ + near ) / ( near - far );
}
float orthographicDepthToViewZ( const in float depth, const in float near, const in float far ) {
	#ifdef USE_REVERSED_DEPTH_BUFFER
	
		return depth * ( far - near ) - far;
	#else
		return depth * ( near - far ) - near;
	#endif
}
float viewZToPerspectiveDepth( const in float viewZ, const in float near, const in float far ) {
	return ( ( near + viewZ ) * far ) / ( ( far - near ) * viewZ );
}
float perspectiveDepthToViewZ( const in float depth, const in float near, const in float far ) {
	
	#ifdef USE_REVERSED_DEPTH_BUFFER
		return ( near * far ) / ( ( near - far ) * depth - near );
	#else
		return ( near * far ) / ( ( far - near ) * depth - far );
	#endif
}`,lp=`#ifdef PREMULTIPLIED_ALPHA
	gl_FragColor.rgb *= gl_FragColor.a;
#endif`,dp=`vec4 mvPosition = vec4( transformed, 1.0 );
#ifdef USE_BATCHING
	mvPosition = batchingMatrix * mvPosition;
#endif
#ifdef USE_INSTANCING
	mvPosition = instanceMatrix * mvPosition;
#endif
mvPosition = modelViewMatrix * mvPosition;
gl_Position = projectionMatrix * mvPosition;`,fp=`#ifdef DITHERING
	gl_FragColor.rgb = dithering( gl_FragColor.rgb );
#endif`,hp=`#ifdef DITHERING
	vec3 dithering( vec3 color ) {
		float grid_position = rand( gl_FragCoord.xy );
		vec3 dither_shift_RGB = vec3( 0.25 / 255.0, -0.25 / 255.0, 0.25 / 255.0 );
		dither_shift_RGB = mix( 2.0 * dither_shift_RGB, -2.0 * dither_shift_RGB, grid_position );
		return color + dither_shift_RGB;
	}
#endif`,up=`float roughnessFactor = roughness;
#ifdef USE_ROUGHNESSMAP
	vec4 texelRoughness = texture2D( roughnessMap, vRoughnessMapUv );
	roughnessFactor *= texelRoughness.g;
#endif`,pp=`#ifdef USE_ROUGHNESSMAP
	uniform sampler2D roughnessMap;
#endif`,mp=`#if NUM_SPOT_LIGHT_COORDS > 0
	varying vec4 vSpotLightCoord[ NUM_SPOT_LIGHT_COORDS ];
#endif
#if NUM_SPOT_LIGHT_MAPS > 0
	uniform sampler2D spotLightMap[ NUM_SPOT_LIGHT_MAPS ];
#endif
#ifdef USE_SHADOWMAP
	#if NUM_SUN_LIGHT_SHADOWS > 0
		#define SUN_LIGHT_CASCADES 2
		#if defined( SHADOWMAP_TYPE_PCF )
			uniform sampler2DShadow sunShadowMap[ NUM_SUN_LIGHT_SHADOWS ];
		#else
			uniform sampler2D sunShadowMap[ NUM_SUN_LIGHT_SHADOWS ];
		#endif
		uniform mat4 sunShadowMatrix[ NUM_SUN_LIGHT_SHADOWS * SUN_LIGHT_CASCADES ];
		uniform vec4 sunShadowCascade[ NUM_SUN_LIGHT_SHADOWS * SUN_LIGHT_CASCADES ];
		varying vec4 vSunShadowWorldPosition;
		varying vec3 vSunShadowWorldNormal;
		struct SunLightShadow {
			float shadowIntensity;
			float shadowBias;
			float shadowNormalBias;
			float shadowRadius;
			vec2 shadowMapSize;
		};
		uniform SunLightShadow sunLightShadows[ NUM_SUN_LIGHT_SHADOWS ];
	#endif
	#if NUM_DIR_LIGHT_SHADOWS > 0
		#if defined( SHADOWMAP_TYPE_PCF )
			uniform sampler2DShadow directionalShadowMap[ NUM_DIR_LIGHT_SHADOWS ];
		#else
			uniform sampler2D directionalShadowMap[ NUM_DIR_LIGHT_SHADOWS ];
		#endif
		varying vec4 vDirectionalShadowCoord[ NUM_DIR_LIGHT_SHADOWS ];
		struct DirectionalLightShadow {
			float shadowIntensity;
			float shadowBias;
			float shadowNormalBias;
			float shadowRadius;
			vec2 shadowMapSize;
		};
		uniform DirectionalLightShadow directionalLightShadows[ NUM_DIR_LIGHT_SHADOWS ];
	#endif
	#if NUM_SPOT_LIGHT_SHADOWS > 0
		#if defined( SHADOWMAP_TYPE_PCF )
			uniform sampler2DShadow spotShadowMap[ NUM_SPOT_LIGHT_SHADOWS ];
		#else
			uniform sampler2D spotShadowMap[ NUM_SPOT_LIGHT_SHADOWS ];
		#endif
		struct SpotLightShadow {
			float shadowIntensity;
			float shadowBias;
			float shadowNormalBias;
			float shadowRadius;
			vec2 shadowMapSize;
		};
		uniform SpotLightShadow spotLightShadows[ NUM_SPOT_LIGHT_SHADOWS ];
	#endif
	#if NUM_POINT_LIGHT_SHADOWS > 0
		#if defined( SHADOWMAP_TYPE_PCF )
			uniform samplerCubeShadow pointShadowMap[ NUM_POINT_LIGHT_SHADOWS ];
		#elif defined( SHADOWMAP_TYPE_BASIC )
			uniform samplerCube pointShadowMap[ NUM_POINT_LIGHT_SHADOWS ];
		#endif
		varying vec4 vPointShadowCoord[ NUM_POINT_LIGHT_SHADOWS ];
		struct PointLightShadow {
			float shadowIntensity;
			float shadowBias;
			float shadowNormalBias;
			float shadowRadius;
			vec2 shadowMapSize;
			float shadowCameraNear;
			float shadowCameraFar;
		};
		uniform PointLightShadow pointLightShadows[ NUM_POINT_LIGHT_SHADOWS ];
	#endif
	#if defined( SHADOWMAP_TYPE_PCF )
		float interleavedGradientNoise( vec2 position ) {
			return fract( 52.9829189 * fract( dot( position, vec2( 0.06711056, 0.00583715 ) ) ) );
		}
		vec2 vogelDiskSample( int sampleIndex, int samplesCount, float phi ) {
			const float goldenAngle = 2.399963229728653;
			float r = sqrt( ( float( sampleIndex ) + 0.5 ) / float( samplesCount ) );
			float theta = float( sampleIndex ) * goldenAngle + phi;
			return vec2( cos( theta ), sin( theta ) ) * r;
		}
	#endif
	#if defined( SHADOWMAP_TYPE_PCF )
		float getShadow( sampler2DShadow shadowMap, vec2 shadowMapSize, float shadowIntensity, float shadowBias, float shadowRadius, vec4 shadowCoord ) {
			float shadow = 1.0;
			shadowCoord.xyz /= shadowCoord.w;
			#ifdef USE_REVERSED_DEPTH_BUFFER
				shadowCoord.z -= shadowBias;
			#else
				shadowCoord.z += shadowBias;
			#endif
			bool inFrustum = shadowCoord.x >= 0.0 && shadowCoord.x <= 1.0 && shadowCoord.y >= 0.0 && shadowCoord.y <= 1.0;
			bool frustumTest = inFrustum && shadowCoord.z <= 1.0;
			if ( frustumTest ) {
				vec2 texelSize = vec2( 1.0 ) / shadowMapSize;
				vec2 radius = shadowRadius * texelSize;
				float phi = interleavedGradientNoise( gl_FragCoord.xy ) * PI2;
				shadow = (
					texture( shadowMap, vec3( shadowCoord.xy + vogelDiskSample( 0, 5, phi ) * radius, shadowCoord.z ) ) +
					texture( shadowMap, vec3( shadowCoord.xy + vogelDiskSample( 1, 5, phi ) * radius, shadowCoord.z ) ) +
					texture( shadowMap, vec3( shadowCoord.xy + vogelDiskSample( 2, 5, phi ) * radius, shadowCoord.z ) ) +
					texture( shadowMap, vec3( shadowCoord.xy + vogelDiskSample( 3, 5, phi ) * radius, shadowCoord.z ) ) +
					texture( shadowMap, vec3( shadowCoord.xy + vogelDiskSample( 4, 5, phi ) * radius, shadowCoord.z ) )
				) * 0.2;
			}
			return mix( 1.0, shadow, shadowIntensity );
		}
	#elif defined( SHADOWMAP_TYPE_VSM )
		float getShadow( sampler2D shadowMap, vec2 shadowMapSize, float shadowIntensity, float shadowBias, float shadowRadius, vec4 shadowCoord ) {
			float shadow = 1.0;
			shadowCoord.xyz /= shadowCoord.w;
			#ifdef USE_REVERSED_DEPTH_BUFFER
				shadowCoord.z -= shadowBias;
			#else
				shadowCoord.z += shadowBias;
			#endif
			bool inFrustum = shadowCoord.x >= 0.0 && shadowCoord.x <= 1.0 && shadowCoord.y >= 0.0 && shadowCoord.y <= 1.0;
			bool frustumTest = inFrustum && shadowCoord.z <= 1.0;
			if ( frustumTest ) {
				vec2 distribution = texture2D( shadowMap, shadowCoord.xy ).rg;
				float mean = distribution.x;
				float variance = distribution.y * distribution.y;
				#ifdef USE_REVERSED_DEPTH_BUFFER
					float hard_shadow = step( mean, shadowCoord.z );
				#else
					float hard_shadow = step( shadowCoord.z, mean );
				#endif
				
				if ( hard_shadow == 1.0 ) {
					shadow = 1.0;
				} else {
					variance = max( variance, 0.0000001 );
					float d = shadowCoord.z - mean;
					float p_max = variance / ( variance + d * d );
					p_max = clamp( ( p_max - 0.3 ) / 0.65, 0.0, 1.0 );
					shadow = max( hard_shadow, p_max );
				}
			}
			return mix( 1.0, shadow, shadowIntensity );
		}
	#else
		float getShadow( sampler2D shadowMap, vec2 shadowMapSize, float shadowIntensity, float shadowBias, float shadowRadius, vec4 shadowCoord ) {
			float shadow = 1.0;
			shadowCoord.xyz /= shadowCoord.w;
			#ifdef USE_REVERSED_DEPTH_BUFFER
				shadowCoord.z -= shadowBias;
			#else
				shadowCoord.z += shadowBias;
			#endif
			bool inFrustum = shadowCoord.x >= 0.0 && shadowCoord.x <= 1.0 && shadowCoord.y >= 0.0 && shadowCoord.y <= 1.0;
			bool frustumTest = inFrustum && shadowCoord.z <= 1.0;
			if ( frustumTest ) {
				float depth = texture2D( shadowMap, shadowCoord.xy ).r;
				#ifdef USE_REVERSED_DEPTH_BUFFER
					shadow = step( depth, shadowCoord.z );
				#else
					shadow = step( shadowCoord.z, depth );
				#endif
			}
			return mix( 1.0, shadow, shadowIntensity );
		}
	#endif
	#if NUM_SUN_LIGHT_SHADOWS > 0
		float getSunShadow(
			#if defined( SHADOWMAP_TYPE_PCF )
				sampler2DShadow shadowMap,
			#else
				sampler2D shadowMap,
			#endif
			SunLightShadow sunLightShadow,
			int shadowIndex
		) {
			vec4 shadowWorldPosition = vec4( vSunShadowWorldPosition.xyz + vSunShadowWorldNormal * sunLightShadow.shadowNormalBias, 1.0 );
			float viewDepth = vSunShadowWorldPosition.w;
			int cascadeOffset = shadowIndex * SUN_LIGHT_CASCADES;
			float shadow = 1.0;
			for ( int i = SUN_LIGHT_CASCADES - 1; i >= 0; i -- ) {
				vec4 cascade = sunShadowCascade[ cascadeOffset + i ];
				if ( viewDepth >= cascade.x && viewDepth < cascade.y ) {
					float cascadeShadow = getShadow(
						shadowMap,
						sunLightShadow.shadowMapSize,
						sunLightShadow.shadowIntensity,
						sunLightShadow.shadowBias,
						sunLightShadow.shadowRadius,
						sunShadowMatrix[ cascadeOffset + i ] * shadowWorldPosition
					);
					shadow = mix( cascadeShadow, shadow, smoothstep( cascade.z, cascade.y, viewDepth ) );
				}
			}
			return shadow;
		}
	#endif
	#if NUM_POINT_LIGHT_SHADOWS > 0
	#if defined( SHADOWMAP_TYPE_PCF )
	float getPointShadow( samplerCubeShadow shadowMap, vec2 shadowMapSize, float shadowIntensity, float shadowBias, float shadowRadius, vec4 shadowCoord, float shadowCameraNear, float shadowCameraFar ) {
		float shadow = 1.0;
		vec3 lightToPosition = shadowCoord.xyz;
		vec3 bd3D = normalize( lightToPosition );
		vec3 absVec = abs( lightToPosition );
		float viewSpaceZ = max( max( absVec.x, absVec.y ), absVec.z );
		if ( viewSpaceZ - shadowCameraFar <= 0.0 && viewSpaceZ - shadowCameraNear >= 0.0 ) {
			float lightDistance = length( lightToPosition );
			float depthRange = shadowCameraFar - shadowCameraNear;
			#ifdef USE_REVERSED_DEPTH_BUFFER
				float depthA = - shadowCameraNear / depthRange - shadowBias;
				float depthB = shadowCameraNear * shadowCameraFar / ( depthRange * lightDistance );
			#else
				float depthA = shadowCameraFar / depthRange + shadowBias;
				float depthB = - shadowCameraNear * shadowCameraFar / ( depthRange * lightDistance );
			#endif
			float texelSize = shadowRadius / shadowMapSize.x;
			vec3 absDir = abs( bd3D );
			vec3 tangent = absDir.x > absDir.z ? vec3( 0.0, 1.0, 0.0 ) : vec3( 1.0, 0.0, 0.0 );
			tangent = normalize( cross( bd3D, tangent ) );
			vec3 bitangent = cross( bd3D, tangent );
			float phi = interleavedGradientNoise( gl_FragCoord.xy ) * PI2;
			shadow = 0.0;
			for ( int i = 0; i < 5; i ++ ) {
				vec2 offset = vogelDiskSample( i, 5, phi );
				vec3 direction = bd3D + ( tangent * offset.x + bitangent * offset.y ) * texelSize;
				vec3 absDirection = abs( direction );
				float dp = depthA + depthB / max( max( absDirection.x, absDirection.y ), absDirection.z );
				shadow += texture( shadowMap, vec4( direction, dp ) );
			}
			shadow *= 0.2;
		}
		return mix( 1.0, shadow, shadowIntensity );
	}
	#elif defined( SHADOWMAP_TYPE_BASIC )
	float getPointShadow( samplerCube shadowMap, vec2 shadowMapSize, float shadowIntensity, float shadowBias, float shadowRadius, vec4 shadowCoord, float shadowCameraNear, float shadowCameraFar ) {
		float shadow = 1.0;
		vec3 lightToPosition = shadowCoord.xyz;
		vec3 absVec = abs( lightToPosition );
		float viewSpaceZ = max( max( absVec.x, absVec.y ), absVec.z );
		if ( viewSpaceZ - shadowCameraFar <= 0.0 && viewSpaceZ - shadowCameraNear >= 0.0 ) {
			float dp = ( shadowCameraFar * ( viewSpaceZ - shadowCameraNear ) ) / ( viewSpaceZ * ( shadowCameraFar - shadowCameraNear ) );
			dp += shadowBias;
			vec3 bd3D = normalize( lightToPosition );
			float depth = textureCube( shadowMap, bd3D ).r;
			#ifdef USE_REVERSED_DEPTH_BUFFER
				depth = 1.0 - depth;
			#endif
			shadow = step( dp, depth );
		}
		return mix( 1.0, shadow, shadowIntensity );
	}
	#endif
	#endif
#endif`,bp=`#if NUM_SPOT_LIGHT_COORDS > 0
	uniform mat4 spotLightMatrix[ NUM_SPOT_LIGHT_COORDS ];
	varying vec4 vSpotLightCoord[ NUM_SPOT_LIGHT_COORDS ];
#endif
#ifdef USE_SHADOWMAP
	#if NUM_SUN_LIGHT_SHADOWS > 0
		varying vec4 vSunShadowWorldPosition;
		varying vec3 vSunShadowWorldNormal;
	#endif
	#if NUM_DIR_LIGHT_SHADOWS > 0
		uniform mat4 directionalShadowMatrix[ NUM_DIR_LIGHT_SHADOWS ];
		varying vec4 vDirectionalShadowCoord[ NUM_DIR_LIGHT_SHADOWS ];
		struct DirectionalLightShadow {
			float shadowIntensity;
			float shadowBias;
			float shadowNormalBias;
			float shadowRadius;
			vec2 shadowMapSize;
		};
		uniform DirectionalLightShadow directionalLightShadows[ NUM_DIR_LIGHT_SHADOWS ];
	#endif
	#if NUM_SPOT_LIGHT_SHADOWS > 0
		struct SpotLightShadow {
			float shadowIntensity;
			float shadowBias;
			float shadowNormalBias;
			float shadowRadius;
			vec2 shadowMapSize;
		};
		uniform SpotLightShadow spotLightShadows[ NUM_SPOT_LIGHT_SHADOWS ];
	#endif
	#if NUM_POINT_LIGHT_SHADOWS > 0
		uniform mat4 pointShadowMatrix[ NUM_POINT_LIGHT_SHADOWS ];
		varying vec4 vPointShadowCoord[ NUM_POINT_LIGHT_SHADOWS ];
		struct PointLightShadow {
			float shadowIntensity;
			float shadowBias;
			float shadowNormalBias;
			float shadowRadius;
			vec2 shadowMapSize;
			float shadowCameraNear;
			float shadowCameraFar;
		};
		uniform PointLightShadow pointLightShadows[ NUM_POINT_LIGHT_SHADOWS ];
	#endif
#endif`,gp=`#if ( defined( USE_SHADOWMAP ) && ( NUM_DIR_LIGHT_SHADOWS > 0 || NUM_SUN_LIGHT_SHADOWS > 0 || NUM_POINT_LIGHT_SHADOWS > 0 ) ) || ( NUM_SPOT_LIGHT_COORDS > 0 )
	#ifdef HAS_NORMAL
		vec3 shadowWorldNormal = transformNormalByInverseViewMatrix( transformedNormal, viewMatrix );
	#else
		vec3 shadowWorldNormal = vec3( 0.0 );
	#endif
	vec4 shadowWorldPosition;
#endif
#if defined( USE_SHADOWMAP )
	#if NUM_SUN_LIGHT_SHADOWS > 0
		vSunShadowWorldPosition = vec4( worldPosition.xyz, - mvPosition.z );
		vSunShadowWorldNormal = shadowWorldNormal;
	#endif
	#if NUM_DIR_LIGHT_SHADOWS > 0
		#pragma unroll_loop_start
		for ( int i = 0; i < NUM_DIR_LIGHT_SHADOWS; i ++ ) {
			shadowWorldPosition = worldPosition + vec4( shadowWorldNormal * directionalLightShadows[ i ].shadowNormalBias, 0 );
			vDirectionalShadowCoord[ i ] = directionalShadowMatrix[ i ] * shadowWorldPosition;
		}
		#pragma unroll_loop_end
	#endif
	#if NUM_POINT_LIGHT_SHADOWS > 0
		#pragma unroll_loop_start
		for ( int i = 0; i < NUM_POINT_LIGHT_SHADOWS; i ++ ) {
			shadowWorldPosition = worldPosition + vec4( shadowWorldNormal * pointLightShadows[ i ].shadowNormalBias, 0 );
			vPointShadowCoord[ i ] = pointShadowMatrix[ i ] * shadowWorldPosition;
		}
		#pragma unroll_loop_end
	#endif
#endif
#if NUM_SPOT_LIGHT_COORDS > 0
	#pragma unroll_loop_start
	for ( int i = 0; i < NUM_SPOT_LIGHT_COORDS; i ++ ) {
		shadowWorldPosition = worldPosition;
		#if ( defined( USE_SHADOWMAP ) && UNROLLED_LOOP_INDEX < NUM_SPOT_LIGHT_SHADOWS )
			shadowWorldPosition.xyz += shadowWorldNormal * spotLightShadows[ i ].shadowNormalBias;
		#endif
		vSpotLightCoord[ i ] = spotLightMatrix[ i ] * shadowWorldPosition;
	}
	#pragma unroll_loop_end
#endif`,_p=`float getShadowMask() {
	float shadow = 1.0;
	#ifdef USE_SHADOWMAP
	#if NUM_SUN_LIGHT_SHADOWS > 0
	SunLightShadow sunLight;
	#pragma unroll_loop_start
	for ( int i = 0; i < NUM_SUN_LIGHT_SHADOWS; i ++ ) {
		sunLight = sunLightShadows[ i ];
		shadow *= receiveShadow ? getSunShadow( sunShadowMap[ i ], sunLight, UNROLLED_LOOP_INDEX ) : 1.0;
	}
	#pragma unroll_loop_end
	#endif
	#if NUM_DIR_LIGHT_SHADOWS > 0
	DirectionalLightShadow directionalLight;
	#pragma unroll_loop_start
	for ( int i = 0; i < NUM_DIR_LIGHT_SHADOWS; i ++ ) {
		directionalLight = directionalLightShadows[ i ];
		shadow *= receiveShadow ? getShadow( directionalShadowMap[ i ], directionalLight.shadowMapSize, directionalLight.shadowIntensity, directionalLight.shadowBias, directionalLight.shadowRadius, vDirectionalShadowCoord[ i ] ) : 1.0;
	}
	#pragma unroll_loop_end
	#endif
	#if NUM_SPOT_LIGHT_SHADOWS > 0
	SpotLightShadow spotLight;
	#pragma unroll_loop_start
	for ( int i = 0; i < NUM_SPOT_LIGHT_SHADOWS; i ++ ) {
		spotLight = spotLightShadows[ i ];
		shadow *= receiveShadow ? getShadow( spotShadowMap[ i ], spotLight.shadowMapSize, spotLight.shadowIntensity, spotLight.shadowBias, spotLight.shadowRadius, vSpotLightCoord[ i ] ) : 1.0;
	}
	#pragma unroll_loop_end
	#endif
	#if NUM_POINT_LIGHT_SHADOWS > 0 && ( defined( SHADOWMAP_TYPE_PCF ) || defined( SHADOWMAP_TYPE_BASIC ) )
	PointLightShadow pointLight;
	#pragma unroll_loop_start
	for ( int i = 0; i < NUM_POINT_LIGHT_SHADOWS; i ++ ) {
		pointLight = pointLightShadows[ i ];
		shadow *= receiveShadow ? getPointShadow( pointShadowMap[ i ], pointLight.shadowMapSize, pointLight.shadowIntensity, pointLight.shadowBias, pointLight.shadowRadius, vPointShadowCoord[ i ], pointLight.shadowCameraNear, pointLight.shadowCameraFar ) : 1.0;
	}
	#pragma unroll_loop_end
	#endif
	#endif
	return shadow;
}`,xp=`#ifdef USE_SKINNING
	mat4 boneMatX = getBoneMatrix( skinIndex.x );
	mat4 boneMatY = getBoneMatrix( skinIndex.y );
	mat4 boneMatZ = getBoneMatrix( skinIndex.z );
	mat4 boneMatW = getBoneMatrix( skinIndex.w );
#endif`,yp=`#ifdef USE_SKINNING
	uniform mat4 bindMatrix;
	uniform mat4 bindMatrixInverse;
	uniform highp sampler2D boneTexture;
	mat4 getBoneMatrix( const in float i ) {
		int size = textureSize( boneTexture, 0 ).x;
		int j = int( i ) * 4;
		int x = j % size;
		int y = j / size;
		vec4 v1 = texelFetch( boneTexture, ivec2( x, y ), 0 );
		vec4 v2 = texelFetch( boneTexture, ivec2( x + 1, y ), 0 );
		vec4 v3 = texelFetch( boneTexture, ivec2( x + 2, y ), 0 );
		vec4 v4 = texelFetch( boneTexture, ivec2( x + 3, y ), 0 );
		return mat4( v1, v2, v3, v4 );
	}
#endif`,vp=`#ifdef USE_SKINNING
	vec4 skinVertex = bindMatrix * vec4( transformed, 1.0 );
	vec4 skinned = vec4( 0.0 );
	skinned += boneMatX * skinVertex * skinWeight.x;
	skinned += boneMatY * skinVertex * skinWeight.y;
	skinned += boneMatZ * skinVertex * skinWeight.z;
	skinned += boneMatW * skinVertex * skinWeight.w;
	transformed = ( bindMatrixInverse * skinned ).xyz;
#endif`,Mp=`#ifdef USE_SKINNING
	mat4 skinMatrix = mat4( 0.0 );
	skinMatrix += skinWeight.x * boneMatX;
	skinMatrix += skinWeight.y * boneMatY;
	skinMatrix += skinWeight.z * boneMatZ;
	skinMatrix += skinWeight.w * boneMatW;
	skinMatrix = bindMatrixInverse * skinMatrix * bindMatrix;
	objectNormal = vec4( skinMatrix * vec4( objectNormal, 0.0 ) ).xyz;
	#ifdef USE_TANGENT
		objectTangent = vec4( skinMatrix * vec4( objectTangent, 0.0 ) ).xyz;
	#endif
#endif`,Sp=`float specularStrength;
#ifdef USE_SPECULARMAP
	vec4 texelSpecular = texture2D( specularMap, vSpecularMapUv );
	specularStrength = texelSpecular.r;
#else
	specularStrength = 1.0;
#endif`,wp=`#ifdef USE_SPECULARMAP
	uniform sampler2D specularMap;
#endif`,Ep=`#if defined( TONE_MAPPING )
	gl_FragColor.rgb = toneMapping( gl_FragColor.rgb );
#endif`,Tp=`#ifndef saturate
#define saturate( a ) clamp( a, 0.0, 1.0 )
#endif
uniform float toneMappingExposure;
vec3 LinearToneMapping( vec3 color ) {
	return saturate( toneMappingExposure * color );
}
vec3 ReinhardToneMapping( vec3 color ) {
	color *= toneMappingExposure;
	return saturate( color / ( vec3( 1.0 ) + color ) );
}
vec3 CineonToneMapping( vec3 color ) {
	color *= toneMappingExposure;
	color = max( vec3( 0.0 ), color - 0.004 );
	return pow( ( color * ( 6.2 * color + 0.5 ) ) / ( color * ( 6.2 * color + 1.7 ) + 0.06 ), vec3( 2.2 ) );
}
vec3 RRTAndODTFit( vec3 v ) {
	vec3 a = v * ( v + 0.0245786 ) - 0.000090537;
	vec3 b = v * ( 0.983729 * v + 0.4329510 ) + 0.238081;
	return a / b;
}
vec3 ACESFilmicToneMapping( vec3 color ) {
	const mat3 ACESInputMat = mat3(
		vec3( 0.59719, 0.07600, 0.02840 ),		vec3( 0.35458, 0.90834, 0.13383 ),
		vec3( 0.04823, 0.01566, 0.83777 )
	);
	const mat3 ACESOutputMat = mat3(
		vec3(  1.60475, -0.10208, -0.00327 ),		vec3( -0.53108,  1.10813, -0.07276 ),
		vec3( -0.07367, -0.00605,  1.07602 )
	);
	color *= toneMappingExposure / 0.6;
	color = ACESInputMat * color;
	color = RRTAndODTFit( color );
	color = ACESOutputMat * color;
	return saturate( color );
}
const mat3 LINEAR_REC2020_TO_LINEAR_SRGB = mat3(
	vec3( 1.6605, - 0.1246, - 0.0182 ),
	vec3( - 0.5876, 1.1329, - 0.1006 ),
	vec3( - 0.0728, - 0.0083, 1.1187 )
);
const mat3 LINEAR_SRGB_TO_LINEAR_REC2020 = mat3(
	vec3( 0.6274, 0.0691, 0.0164 ),
	vec3( 0.3293, 0.9195, 0.0880 ),
	vec3( 0.0433, 0.0113, 0.8956 )
);
vec3 agxDefaultContrastApprox( vec3 x ) {
	vec3 x2 = x * x;
	vec3 x4 = x2 * x2;
	return + 15.5 * x4 * x2
		- 40.14 * x4 * x
		+ 31.96 * x4
		- 6.868 * x2 * x
		+ 0.4298 * x2
		+ 0.1191 * x
		- 0.00232;
}
vec3 AgXToneMapping( vec3 color ) {
	const mat3 AgXInsetMatrix = mat3(
		vec3( 0.856627153315983, 0.137318972929847, 0.11189821299995 ),
		vec3( 0.0951212405381588, 0.761241990602591, 0.0767994186031903 ),
		vec3( 0.0482516061458583, 0.101439036467562, 0.811302368396859 )
	);
	const mat3 AgXOutsetMatrix = mat3(
		vec3( 1.1271005818144368, - 0.1413297634984383, - 0.14132976349843826 ),
		vec3( - 0.11060664309660323, 1.157823702216272, - 0.11060664309660294 ),
		vec3( - 0.016493938717834573, - 0.016493938717834257, 1.2519364065950405 )
	);
	const float AgxMinEv = - 12.47393;	const float AgxMaxEv = 4.026069;
	color *= toneMappingExposure;
	color = LINEAR_SRGB_TO_LINEAR_REC2020 * color;
	color = AgXInsetMatrix * color;
	color = max( color, 1e-10 );	color = log2( color );
	color = ( color - AgxMinEv ) / ( AgxMaxEv - AgxMinEv );
	color = clamp( color, 0.0, 1.0 );
	color = agxDefaultContrastApprox( color );
	color = AgXOutsetMatrix * color;
	color = pow( max( vec3( 0.0 ), color ), vec3( 2.2 ) );
	color = LINEAR_REC2020_TO_LINEAR_SRGB * color;
	color = clamp( color, 0.0, 1.0 );
	return color;
}
vec3 NeutralToneMapping( vec3 color ) {
	const float StartCompression = 0.8 - 0.04;
	const float Desaturation = 0.15;
	color *= toneMappingExposure;
	float x = min( color.r, min( color.g, color.b ) );
	float offset = x < 0.08 ? x - 6.25 * x * x : 0.04;
	color -= offset;
	float peak = max( color.r, max( color.g, color.b ) );
	if ( peak < StartCompression ) return color;
	float d = 1. - StartCompression;
	float newPeak = 1. - d * d / ( peak + d - StartCompression );
	color *= newPeak / peak;
	float g = 1. - 1. / ( Desaturation * ( peak - newPeak ) + 1. );
	return mix( color, vec3( newPeak ), g );
}
vec3 CustomToneMapping( vec3 color ) { return color; }`,Ap=`#ifdef USE_TRANSMISSION
	material.transmission = transmission;
	material.transmissionAlpha = 1.0;
	material.thickness = thickness;
	material.attenuationDistance = attenuationDistance;
	material.attenuationColor = attenuationColor;
	#ifdef USE_TRANSMISSIONMAP
		material.transmission *= texture2D( transmissionMap, vTransmissionMapUv ).r;
	#endif
	#ifdef USE_THICKNESSMAP
		material.thickness *= texture2D( thicknessMap, vThicknessMapUv ).g;
	#endif
	vec3 pos = vWorldPosition;
	vec3 v = normalize( cameraPosition - pos );
	vec3 n = transformNormalByInverseViewMatrix( normal, viewMatrix );
	vec4 transmitted = getIBLVolumeRefraction(
		n, v, material.roughness, material.diffuseContribution, material.specularColorBlended, material.specularF90,
		pos, modelMatrix, viewMatrix, projectionMatrix, material.dispersion, material.ior, material.thickness,
		material.attenuationColor, material.attenuationDistance );
	material.transmissionAlpha = mix( material.transmissionAlpha, transmitted.a, material.transmission );
	totalDiffuse = mix( totalDiffuse, transmitted.rgb, material.transmission );
#endif`,Cp=`#ifdef USE_TRANSMISSION
	uniform float transmission;
	uniform float thickness;
	uniform float attenuationDistance;
	uniform vec3 attenuationColor;
	#ifdef USE_TRANSMISSIONMAP
		uniform sampler2D transmissionMap;
	#endif
	#ifdef USE_THICKNESSMAP
		uniform sampler2D thicknessMap;
	#endif
	uniform vec2 transmissionSamplerSize;
	uniform sampler2D transmissionSamplerMap;
	uniform mat4 modelMatrix;
	uniform mat4 projectionMatrix;
	varying vec3 vWorldPosition;
	float w0( float a ) {
		return ( 1.0 / 6.0 ) * ( a * ( a * ( - a + 3.0 ) - 3.0 ) + 1.0 );
	}
	float w1( float a ) {
		return ( 1.0 / 6.0 ) * ( a *  a * ( 3.0 * a - 6.0 ) + 4.0 );
	}
	float w2( float a ){
		return ( 1.0 / 6.0 ) * ( a * ( a * ( - 3.0 * a + 3.0 ) + 3.0 ) + 1.0 );
	}
	float w3( float a ) {
		return ( 1.0 / 6.0 ) * ( a * a * a );
	}
	float g0( float a ) {
		return w0( a ) + w1( a );
	}
	float g1( float a ) {
		return w2( a ) + w3( a );
	}
	float h0( float a ) {
		return - 1.0 + w1( a ) / ( w0( a ) + w1( a ) );
	}
	float h1( float a ) {
		return 1.0 + w3( a ) / ( w2( a ) + w3( a ) );
	}
	vec4 bicubic( sampler2D tex, vec2 uv, vec4 texelSize, float lod ) {
		uv = uv * texelSize.zw + 0.5;
		vec2 iuv = floor( uv );
		vec2 fuv = fract( uv );
		float g0x = g0( fuv.x );
		float g1x = g1( fuv.x );
		float h0x = h0( fuv.x );
		float h1x = h1( fuv.x );
		float h0y = h0( fuv.y );
		float h1y = h1( fuv.y );
		vec2 p0 = ( vec2( iuv.x + h0x, iuv.y + h0y ) - 0.5 ) * texelSize.xy;
		vec2 p1 = ( vec2( iuv.x + h1x, iuv.y + h0y ) - 0.5 ) * texelSize.xy;
		vec2 p2 = ( vec2( iuv.x + h0x, iuv.y + h1y ) - 0.5 ) * texelSize.xy;
		vec2 p3 = ( vec2( iuv.x + h1x, iuv.y + h1y ) - 0.5 ) * texelSize.xy;
		return g0( fuv.y ) * ( g0x * textureLod( tex, p0, lod ) + g1x * textureLod( tex, p1, lod ) ) +
			g1( fuv.y ) * ( g0x * textureLod( tex, p2, lod ) + g1x * textureLod( tex, p3, lod ) );
	}
	vec4 textureBicubic( sampler2D sampler, vec2 uv, float lod ) {
		vec2 fLodSize = vec2( textureSize( sampler, int( lod ) ) );
		vec2 cLodSize = vec2( textureSize( sampler, int( lod + 1.0 ) ) );
		vec2 fLodSizeInv = 1.0 / fLodSize;
		vec2 cLodSizeInv = 1.0 / cLodSize;
		vec4 fSample = bicubic( sampler, uv, vec4( fLodSizeInv, fLodSize ), floor( lod ) );
		vec4 cSample = bicubic( sampler, uv, vec4( cLodSizeInv, cLodSize ), ceil( lod ) );
		return mix( fSample, cSample, fract( lod ) );
	}
	vec3 getVolumeTransmissionRay( const in vec3 n, const in vec3 v, const in float thickness, const in float ior, const in mat4 modelMatrix ) {
		vec3 refractionVector = refract( - v, normalize( n ), 1.0 / ior );
		vec3 modelScale;
		modelScale.x = length( vec3( modelMatrix[ 0 ].xyz ) );
		modelScale.y = length( vec3( modelMatrix[ 1 ].xyz ) );
		modelScale.z = length( vec3( modelMatrix[ 2 ].xyz ) );
		return normalize( refractionVector ) * thickness * modelScale;
	}
	float applyIorToRoughness( const in float roughness, const in float ior ) {
		return roughness * clamp( ior * 2.0 - 2.0, 0.0, 1.0 );
	}
	vec4 getTransmissionSample( const in vec2 fragCoord, const in float roughness, const in float ior ) {
		float lod = log2( transmissionSamplerSize.x ) * applyIorToRoughness( roughness, ior );
		return textureBicubic( transmissionSamplerMap, fragCoord.xy, lod );
	}
	vec3 volumeAttenuation( const in float transmissionDistance, const in vec3 attenuationColor, const in float attenuationDistance ) {
		if ( isinf( attenuationDistance ) ) {
			return vec3( 1.0 );
		} else {
			vec3 attenuationCoefficient = -log( attenuationColor ) / attenuationDistance;
			vec3 transmittance = exp( - attenuationCoefficient * transmissionDistance );			return transmittance;
		}
	}
	vec4 getIBLVolumeRefraction( const in vec3 n, const in vec3 v, const in float roughness, const in vec3 diffuseColor,
		const in vec3 specularColor, const in float specularF90, const in vec3 position, const in mat4 modelMatrix,
		const in mat4 viewMatrix, const in mat4 projMatrix, const in float dispersion, const in float ior, const in float thickness,
		const in vec3 attenuationColor, const in float attenuationDistance ) {
		vec4 transmittedLight;
		vec3 transmittance;
		#ifdef USE_DISPERSION
			float halfSpread = ( ior - 1.0 ) * 0.025 * dispersion;
			vec3 iors = vec3( ior - halfSpread, ior, ior + halfSpread );
			for ( int i = 0; i < 3; i ++ ) {
				vec3 transmissionRay = getVolumeTransmissionRay( n, v, thickness, iors[ i ], modelMatrix );
				vec3 refractedRayExit = position + transmissionRay;
				vec4 ndcPos = projMatrix * viewMatrix * vec4( refractedRayExit, 1.0 );
				vec2 refractionCoords = ndcPos.xy / ndcPos.w;
				refractionCoords += 1.0;
				refractionCoords /= 2.0;
				vec4 transmissionSample = getTransmissionSample( refractionCoords, roughness, iors[ i ] );
				transmittedLight[ i ] = transmissionSample[ i ];
				transmittedLight.a += transmissionSample.a;
				transmittance[ i ] = diffuseColor[ i ] * volumeAttenuation( length( transmissionRay ), attenuationColor, attenuationDistance )[ i ];
			}
			transmittedLight.a /= 3.0;
		#else
			vec3 transmissionRay = getVolumeTransmissionRay( n, v, thickness, ior, modelMatrix );
			vec3 refractedRayExit = position + transmissionRay;
			vec4 ndcPos = projMatrix * viewMatrix * vec4( refractedRayExit, 1.0 );
			vec2 refractionCoords = ndcPos.xy / ndcPos.w;
			refractionCoords += 1.0;
			refractionCoords /= 2.0;
			transmittedLight = getTransmissionSample( refractionCoords, roughness, ior );
			transmittance = diffuseColor * volumeAttenuation( length( transmissionRay ), attenuationColor, attenuationDistance );
		#endif
		vec3 attenuatedColor = transmittance * transmittedLight.rgb;
		vec3 F = EnvironmentBRDF( n, v, specularColor, specularF90, roughness );
		float transmittanceFactor = ( transmittance.r + transmittance.g + transmittance.b ) / 3.0;
		return vec4( ( 1.0 - F ) * attenuatedColor, 1.0 - ( 1.0 - transmittedLight.a ) * transmittanceFactor );
	}
#endif`,Rp=`#if defined( USE_UV ) || defined( USE_ANISOTROPY )
	varying vec2 vUv;
#endif
#ifdef USE_MAP
	varying vec2 vMapUv;
#endif
#ifdef USE_ALPHAMAP
	varying vec2 vAlphaMapUv;
#endif
#ifdef USE_LIGHTMAP
	varying vec2 vLightMapUv;
#endif
#ifdef USE_AOMAP
	varying vec2 vAoMapUv;
#endif
#ifdef USE_BUMPMAP
	varying vec2 vBumpMapUv;
#endif
#ifdef USE_NORMALMAP
	varying vec2 vNormalMapUv;
#endif
#ifdef USE_EMISSIVEMAP
	varying vec2 vEmissiveMapUv;
#endif
#ifdef USE_METALNESSMAP
	varying vec2 vMetalnessMapUv;
#endif
#ifdef USE_ROUGHNESSMAP
	varying vec2 vRoughnessMapUv;
#endif
#ifdef USE_DIFFUSE_ROUGHNESSMAP
	varying vec2 vDiffuseRoughnessMapUv;
#endif
#ifdef USE_ANISOTROPYMAP
	varying vec2 vAnisotropyMapUv;
#endif
#ifdef USE_CLEARCOATMAP
	varying vec2 vClearcoatMapUv;
#endif
#ifdef USE_CLEARCOAT_NORMALMAP
	varying vec2 vClearcoatNormalMapUv;
#endif
#ifdef USE_CLEARCOAT_ROUGHNESSMAP
	varying vec2 vClearcoatRoughnessMapUv;
#endif
#ifdef USE_IRIDESCENCEMAP
	varying vec2 vIridescenceMapUv;
#endif
#ifdef USE_IRIDESCENCE_THICKNESSMAP
	varying vec2 vIridescenceThicknessMapUv;
#endif
#ifdef USE_SHEEN_COLORMAP
	varying vec2 vSheenColorMapUv;
#endif
#ifdef USE_SHEEN_ROUGHNESSMAP
	varying vec2 vSheenRoughnessMapUv;
#endif
#ifdef USE_SPECULARMAP
	varying vec2 vSpecularMapUv;
#endif
#ifdef USE_SPECULAR_COLORMAP
	varying vec2 vSpecularColorMapUv;
#endif
#ifdef USE_SPECULAR_INTENSITYMAP
	varying vec2 vSpecularIntensityMapUv;
#endif
#ifdef USE_TRANSMISSIONMAP
	uniform mat3 transmissionMapTransform;
	varying vec2 vTransmissionMapUv;
#endif
#ifdef USE_THICKNESSMAP
	uniform mat3 thicknessMapTransform;
	varying vec2 vThicknessMapUv;
#endif`,Pp=`#if defined( USE_UV ) || defined( USE_ANISOTROPY )
	varying vec2 vUv;
#endif
#ifdef USE_MAP
	uniform mat3 mapTransform;
	varying vec2 vMapUv;
#endif
#ifdef USE_ALPHAMAP
	uniform mat3 alphaMapTransform;
	varying vec2 vAlphaMapUv;
#endif
#ifdef USE_LIGHTMAP
	uniform mat3 lightMapTransform;
	varying vec2 vLightMapUv;
#endif
#ifdef USE_AOMAP
	uniform mat3 aoMapTransform;
	varying vec2 vAoMapUv;
#endif
#ifdef USE_BUMPMAP
	uniform mat3 bumpMapTransform;
	varying vec2 vBumpMapUv;
#endif
#ifdef USE_NORMALMAP
	uniform mat3 normalMapTransform;
	varying vec2 vNormalMapUv;
#endif
#ifdef USE_DISPLACEMENTMAP
	uniform mat3 displacementMapTransform;
	varying vec2 vDisplacementMapUv;
#endif
#ifdef USE_EMISSIVEMAP
	uniform mat3 emissiveMapTransform;
	varying vec2 vEmissiveMapUv;
#endif
#ifdef USE_METALNESSMAP
	uniform mat3 metalnessMapTransform;
	varying vec2 vMetalnessMapUv;
#endif
#ifdef USE_ROUGHNESSMAP
	uniform mat3 roughnessMapTransform;
	varying vec2 vRoughnessMapUv;
#endif
#ifdef USE_DIFFUSE_ROUGHNESSMAP
	uniform mat3 diffuseRoughnessMapTransform;
	varying vec2 vDiffuseRoughnessMapUv;
#endif
#ifdef USE_ANISOTROPYMAP
	uniform mat3 anisotropyMapTransform;
	varying vec2 vAnisotropyMapUv;
#endif
#ifdef USE_CLEARCOATMAP
	uniform mat3 clearcoatMapTransform;
	varying vec2 vClearcoatMapUv;
#endif
#ifdef USE_CLEARCOAT_NORMALMAP
	uniform mat3 clearcoatNormalMapTransform;
	varying vec2 vClearcoatNormalMapUv;
#endif
#ifdef USE_CLEARCOAT_ROUGHNESSMAP
	uniform mat3 clearcoatRoughnessMapTransform;
	varying vec2 vClearcoatRoughnessMapUv;
#endif
#ifdef USE_SHEEN_COLORMAP
	uniform mat3 sheenColorMapTransform;
	varying vec2 vSheenColorMapUv;
#endif
#ifdef USE_SHEEN_ROUGHNESSMAP
	uniform mat3 sheenRoughnessMapTransform;
	varying vec2 vSheenRoughnessMapUv;
#endif
#ifdef USE_IRIDESCENCEMAP
	uniform mat3 iridescenceMapTransform;
	varying vec2 vIridescenceMapUv;
#endif
#ifdef USE_IRIDESCENCE_THICKNESSMAP
	uniform mat3 iridescenceThicknessMapTransform;
	varying vec2 vIridescenceThicknessMapUv;
#endif
#ifdef USE_SPECULARMAP
	uniform mat3 specularMapTransform;
	varying vec2 vSpecularMapUv;
#endif
#ifdef USE_SPECULAR_COLORMAP
	uniform mat3 specularColorMapTransform;
	varying vec2 vSpecularColorMapUv;
#endif
#ifdef USE_SPECULAR_INTENSITYMAP
	uniform mat3 specularIntensityMapTransform;
	varying vec2 vSpecularIntensityMapUv;
#endif
#ifdef USE_TRANSMISSIONMAP
	uniform mat3 transmissionMapTransform;
	varying vec2 vTransmissionMapUv;
#endif
#ifdef USE_THICKNESSMAP
	uniform mat3 thicknessMapTransform;
	varying vec2 vThicknessMapUv;
#endif`,Ip=`#if defined( USE_UV ) || defined( USE_ANISOTROPY )
	vUv = vec3( uv, 1 ).xy;
#endif
#ifdef USE_MAP
	vMapUv = ( mapTransform * vec3( MAP_UV, 1 ) ).xy;
#endif
#ifdef USE_ALPHAMAP
	vAlphaMapUv = ( alphaMapTransform * vec3( ALPHAMAP_UV, 1 ) ).xy;
#endif
#ifdef USE_LIGHTMAP
	vLightMapUv = ( lightMapTransform * vec3( LIGHTMAP_UV, 1 ) ).xy;
#endif
#ifdef USE_AOMAP
	vAoMapUv = ( aoMapTransform * vec3( AOMAP_UV, 1 ) ).xy;
#endif
#ifdef USE_BUMPMAP
	vBumpMapUv = ( bumpMapTransform * vec3( BUMPMAP_UV, 1 ) ).xy;
#endif
#ifdef USE_NORMALMAP
	vNormalMapUv = ( normalMapTransform * vec3( NORMALMAP_UV, 1 ) ).xy;
#endif
#ifdef USE_DISPLACEMENTMAP
	vDisplacementMapUv = ( displacementMapTransform * vec3( DISPLACEMENTMAP_UV, 1 ) ).xy;
#endif
#ifdef USE_EMISSIVEMAP
	vEmissiveMapUv = ( emissiveMapTransform * vec3( EMISSIVEMAP_UV, 1 ) ).xy;
#endif
#ifdef USE_METALNESSMAP
	vMetalnessMapUv = ( metalnessMapTransform * vec3( METALNESSMAP_UV, 1 ) ).xy;
#endif
#ifdef USE_ROUGHNESSMAP
	vRoughnessMapUv = ( roughnessMapTransform * vec3( ROUGHNESSMAP_UV, 1 ) ).xy;
#endif
#ifdef USE_DIFFUSE_ROUGHNESSMAP
	vDiffuseRoughnessMapUv = ( diffuseRoughnessMapTransform * vec3( DIFFUSE_ROUGHNESSMAP_UV, 1 ) ).xy;
#endif
#ifdef USE_ANISOTROPYMAP
	vAnisotropyMapUv = ( anisotropyMapTransform * vec3( ANISOTROPYMAP_UV, 1 ) ).xy;
#endif
#ifdef USE_CLEARCOATMAP
	vClearcoatMapUv = ( clearcoatMapTransform * vec3( CLEARCOATMAP_UV, 1 ) ).xy;
#endif
#ifdef USE_CLEARCOAT_NORMALMAP
	vClearcoatNormalMapUv = ( clearcoatNormalMapTransform * vec3( CLEARCOAT_NORMALMAP_UV, 1 ) ).xy;
#endif
#ifdef USE_CLEARCOAT_ROUGHNESSMAP
	vClearcoatRoughnessMapUv = ( clearcoatRoughnessMapTransform * vec3( CLEARCOAT_ROUGHNESSMAP_UV, 1 ) ).xy;
#endif
#ifdef USE_IRIDESCENCEMAP
	vIridescenceMapUv = ( iridescenceMapTransform * vec3( IRIDESCENCEMAP_UV, 1 ) ).xy;
#endif
#ifdef USE_IRIDESCENCE_THICKNESSMAP
	vIridescenceThicknessMapUv = ( iridescenceThicknessMapTransform * vec3( IRIDESCENCE_THICKNESSMAP_UV, 1 ) ).xy;
#endif
#ifdef USE_SHEEN_COLORMAP
	vSheenColorMapUv = ( sheenColorMapTransform * vec3( SHEEN_COLORMAP_UV, 1 ) ).xy;
#endif
#ifdef USE_SHEEN_ROUGHNESSMAP
	vSheenRoughnessMapUv = ( sheenRoughnessMapTransform * vec3( SHEEN_ROUGHNESSMAP_UV, 1 ) ).xy;
#endif
#ifdef USE_SPECULARMAP
	vSpecularMapUv = ( specularMapTransform * vec3( SPECULARMAP_UV, 1 ) ).xy;
#endif
#ifdef USE_SPECULAR_COLORMAP
	vSpecularColorMapUv = ( specularColorMapTransform * vec3( SPECULAR_COLORMAP_UV, 1 ) ).xy;
#endif
#ifdef USE_SPECULAR_INTENSITYMAP
	vSpecularIntensityMapUv = ( specularIntensityMapTransform * vec3( SPECULAR_INTENSITYMAP_UV, 1 ) ).xy;
#endif
#ifdef USE_TRANSMISSIONMAP
	vTransmissionMapUv = ( transmissionMapTransform * vec3( TRANSMISSIONMAP_UV, 1 ) ).xy;
#endif
#ifdef USE_THICKNESSMAP
	vThicknessMapUv = ( thicknessMapTransform * vec3( THICKNESSMAP_UV, 1 ) ).xy;
#endif`,Lp=`#if defined( USE_ENVMAP ) || defined( DISTANCE ) || defined ( USE_SHADOWMAP ) || defined ( USE_TRANSMISSION ) || NUM_SPOT_LIGHT_COORDS > 0
	vec4 worldPosition = vec4( transformed, 1.0 );
	#ifdef USE_BATCHING
		worldPosition = batchingMatrix * worldPosition;
	#endif
	#ifdef USE_INSTANCING
		worldPosition = instanceMatrix * worldPosition;
	#endif
	worldPosition = modelMatrix * worldPosition;
#endif`,Np=`varying vec2 vUv;
uniform mat3 uvTransform;
void main() {
	vUv = ( uvTransform * vec3( uv, 1 ) ).xy;
	gl_Position = vec4( position.xy, 1.0, 1.0 );
}`,Dp=`uniform sampler2D t2D;
uniform float backgroundIntensity;
varying vec2 vUv;
void main() {
	vec4 texColor = texture2D( t2D, vUv );
	#ifdef DECODE_VIDEO_TEXTURE
		texColor = vec4( mix( pow( texColor.rgb * 0.9478672986 + vec3( 0.0521327014 ), vec3( 2.4 ) ), texColor.rgb * 0.0773993808, vec3( lessThanEqual( texColor.rgb, vec3( 0.04045 ) ) ) ), texColor.w );
	#endif
	texColor.rgb *= backgroundIntensity;
	gl_FragColor = texColor;
	#include <tonemapping_fragment>
	#include <colorspace_fragment>
}`,Up=`varying vec3 vWorldDirection;
#include <common>
void main() {
	vWorldDirection = transformDirection( position, modelMatrix );
	#include <begin_vertex>
	#include <project_vertex>
	gl_Position.z = gl_Position.w;
}`,Op=`uniform float backgroundBlurriness;
uniform float backgroundIntensity;
uniform mat3 backgroundRotation;
varying vec3 vWorldDirection;
#include <envmap_common_pars_fragment>
void main() {
	#ifdef ENVMAP_TYPE_PMREM
		vec4 texColor = textureLod( envMap, backgroundRotation * vWorldDirection, roughnessToMip( backgroundBlurriness ) );
	#else
		vec4 texColor = textureCube( envMap, backgroundRotation * vWorldDirection );
	#endif
	texColor.rgb *= backgroundIntensity;
	gl_FragColor = texColor;
	#include <tonemapping_fragment>
	#include <colorspace_fragment>
}`,Fp=`varying vec3 vWorldDirection;
#include <common>
void main() {
	vWorldDirection = transformDirection( position, modelMatrix );
	#include <begin_vertex>
	#include <project_vertex>
	gl_Position.z = gl_Position.w;
}`,Bp=`uniform samplerCube tCube;
uniform float tFlip;
uniform float opacity;
varying vec3 vWorldDirection;
void main() {
	vec4 texColor = textureCube( tCube, vec3( tFlip * vWorldDirection.x, vWorldDirection.yz ) );
	gl_FragColor = texColor;
	gl_FragColor.a *= opacity;
	#include <tonemapping_fragment>
	#include <colorspace_fragment>
}`,zp=`#include <common>
#include <batching_pars_vertex>
#include <uv_pars_vertex>
#include <displacementmap_pars_vertex>
#include <morphtarget_pars_vertex>
#include <skinning_pars_vertex>
#include <logdepthbuf_pars_vertex>
#include <clipping_planes_pars_vertex>
varying vec2 vHighPrecisionZW;
void main() {
	#include <uv_vertex>
	#include <batching_vertex>
	#include <skinbase_vertex>
	#include <morphinstance_vertex>
	#ifdef USE_DISPLACEMENTMAP
		#include <beginnormal_vertex>
		#include <morphnormal_vertex>
		#include <skinnormal_vertex>
	#endif
	#include <begin_vertex>
	#include <morphtarget_vertex>
	#include <skinning_vertex>
	#include <displacementmap_vertex>
	#include <project_vertex>
	#include <logdepthbuf_vertex>
	#include <clipping_planes_vertex>
	vHighPrecisionZW = gl_Position.zw;
}`,kp=`#if DEPTH_PACKING == 3200
	uniform float opacity;
#endif
#include <common>
#include <packing>
#include <uv_pars_fragment>
#include <map_pars_fragment>
#include <alphamap_pars_fragment>
#include <alphatest_pars_fragment>
#include <alphahash_pars_fragment>
#include <logdepthbuf_pars_fragment>
#include <clipping_planes_pars_fragment>
varying vec2 vHighPrecisionZW;
void main() {
	vec4 diffuseColor = vec4( 1.0 );
	#include <clipping_planes_fragment>
	#if DEPTH_PACKING == 3200
		diffuseColor.a = opacity;
	#endif
	#include <map_fragment>
	#include <alphamap_fragment>
	#include <alphatest_fragment>
	#include <alphahash_fragment>
	#include <logdepthbuf_fragment>
	#ifdef USE_REVERSED_DEPTH_BUFFER
		float fragCoordZ = vHighPrecisionZW[ 0 ] / vHighPrecisionZW[ 1 ];
	#else
		float fragCoordZ = 0.5 * vHighPrecisionZW[ 0 ] / vHighPrecisionZW[ 1 ] + 0.5;
	#endif
	#if DEPTH_PACKING == 3200
		gl_FragColor = vec4( vec3( 1.0 - fragCoordZ ), opacity );
	#elif DEPTH_PACKING == 3201
		gl_FragColor = packDepthToRGBA( fragCoordZ );
	#elif DEPTH_PACKING == 3202
		gl_FragColor = vec4( packDepthToRGB( fragCoordZ ), 1.0 );
	#elif DEPTH_PACKING == 3203
		gl_FragColor = vec4( packDepthToRG( fragCoordZ ), 0.0, 1.0 );
	#endif
}`,Vp=`#define DISTANCE
varying vec3 vWorldPosition;
#include <common>
#include <batching_pars_vertex>
#include <uv_pars_vertex>
#include <displacementmap_pars_vertex>
#include <morphtarget_pars_vertex>
#include <skinning_pars_vertex>
#include <clipping_planes_pars_vertex>
void main() {
	#include <uv_vertex>
	#include <batching_vertex>
	#include <skinbase_vertex>
	#include <morphinstance_vertex>
	#ifdef USE_DISPLACEMENTMAP
		#include <beginnormal_vertex>
		#include <morphnormal_vertex>
		#include <skinnormal_vertex>
	#endif
	#include <begin_vertex>
	#include <morphtarget_vertex>
	#include <skinning_vertex>
	#include <displacementmap_vertex>
	#include <project_vertex>
	#include <worldpos_vertex>
	#include <clipping_planes_vertex>
	vWorldPosition = worldPosition.xyz;
}`,Gp=`#define DISTANCE
uniform vec3 referencePosition;
uniform float nearDistance;
uniform float farDistance;
varying vec3 vWorldPosition;
#include <common>
#include <uv_pars_fragment>
#include <map_pars_fragment>
#include <alphamap_pars_fragment>
#include <alphatest_pars_fragment>
#include <alphahash_pars_fragment>
#include <clipping_planes_pars_fragment>
void main() {
	vec4 diffuseColor = vec4( 1.0 );
	#include <clipping_planes_fragment>
	#include <map_fragment>
	#include <alphamap_fragment>
	#include <alphatest_fragment>
	#include <alphahash_fragment>
	float dist = length( vWorldPosition - referencePosition );
	dist = ( dist - nearDistance ) / ( farDistance - nearDistance );
	dist = saturate( dist );
	gl_FragColor = vec4( dist, 0.0, 0.0, 1.0 );
}`,Hp=`varying vec3 vWorldDirection;
#include <common>
void main() {
	vWorldDirection = transformDirection( position, modelMatrix );
	#include <begin_vertex>
	#include <project_vertex>
}`,Wp=`uniform sampler2D tEquirect;
varying vec3 vWorldDirection;
#include <common>
void main() {
	vec3 direction = normalize( vWorldDirection );
	vec2 sampleUV = equirectUv( direction );
	gl_FragColor = texture2D( tEquirect, sampleUV );
	#include <tonemapping_fragment>
	#include <colorspace_fragment>
}`,Xp=`uniform float scale;
attribute float lineDistance;
varying float vLineDistance;
#include <common>
#include <uv_pars_vertex>
#include <color_pars_vertex>
#include <fog_pars_vertex>
#include <morphtarget_pars_vertex>
#include <logdepthbuf_pars_vertex>
#include <clipping_planes_pars_vertex>
void main() {
	vLineDistance = scale * lineDistance;
	#include <uv_vertex>
	#include <color_vertex>
	#include <morphinstance_vertex>
	#include <morphcolor_vertex>
	#include <begin_vertex>
	#include <morphtarget_vertex>
	#include <project_vertex>
	#include <logdepthbuf_vertex>
	#include <clipping_planes_vertex>
	#include <fog_vertex>
}`,qp=`uniform vec3 diffuse;
uniform float opacity;
uniform float dashSize;
uniform float totalSize;
varying float vLineDistance;
#include <common>
#include <color_pars_fragment>
#include <uv_pars_fragment>
#include <map_pars_fragment>
#include <fog_pars_fragment>
#include <logdepthbuf_pars_fragment>
#include <clipping_planes_pars_fragment>
void main() {
	vec4 diffuseColor = vec4( diffuse, opacity );
	#include <clipping_planes_fragment>
	if ( mod( vLineDistance, totalSize ) > dashSize ) {
		discard;
	}
	vec3 outgoingLight = vec3( 0.0 );
	#include <logdepthbuf_fragment>
	#include <map_fragment>
	#include <color_fragment>
	outgoingLight = diffuseColor.rgb;
	#include <opaque_fragment>
	#include <tonemapping_fragment>
	#include <colorspace_fragment>
	#include <fog_fragment>
	#include <premultiplied_alpha_fragment>
}`,Yp=`#include <common>
#include <batching_pars_vertex>
#include <uv_pars_vertex>
#include <envmap_pars_vertex>
#include <color_pars_vertex>
#include <fog_pars_vertex>
#include <morphtarget_pars_vertex>
#include <skinning_pars_vertex>
#include <logdepthbuf_pars_vertex>
#include <clipping_planes_pars_vertex>
void main() {
	#include <uv_vertex>
	#include <color_vertex>
	#include <morphinstance_vertex>
	#include <morphcolor_vertex>
	#include <batching_vertex>
	#if defined ( USE_ENVMAP ) || defined ( USE_SKINNING )
		#include <beginnormal_vertex>
		#include <morphnormal_vertex>
		#include <skinbase_vertex>
		#include <skinnormal_vertex>
		#include <defaultnormal_vertex>
	#endif
	#include <begin_vertex>
	#include <morphtarget_vertex>
	#include <skinning_vertex>
	#include <project_vertex>
	#include <logdepthbuf_vertex>
	#include <clipping_planes_vertex>
	#include <worldpos_vertex>
	#include <envmap_vertex>
	#include <fog_vertex>
}`,$p=`uniform vec3 diffuse;
uniform float opacity;
#ifndef FLAT_SHADED
	varying vec3 vNormal;
#endif
#include <common>
#include <dithering_pars_fragment>
#include <color_pars_fragment>
#include <uv_pars_fragment>
#include <map_pars_fragment>
#include <alphamap_pars_fragment>
#include <alphatest_pars_fragment>
#include <alphahash_pars_fragment>
#include <aomap_pars_fragment>
#include <lightmap_pars_fragment>
#include <envmap_common_pars_fragment>
#include <envmap_pars_fragment>
#include <fog_pars_fragment>
#include <specularmap_pars_fragment>
#include <logdepthbuf_pars_fragment>
#include <clipping_planes_pars_fragment>
void main() {
	vec4 diffuseColor = vec4( diffuse, opacity );
	#include <clipping_planes_fragment>
	#include <logdepthbuf_fragment>
	#include <map_fragment>
	#include <color_fragment>
	#include <alphamap_fragment>
	#include <alphatest_fragment>
	#include <alphahash_fragment>
	#include <specularmap_fragment>
	ReflectedLight reflectedLight = ReflectedLight( vec3( 0.0 ), vec3( 0.0 ), vec3( 0.0 ), vec3( 0.0 ) );
	#ifdef USE_LIGHTMAP
		vec4 lightMapTexel = texture2D( lightMap, vLightMapUv );
		reflectedLight.indirectDiffuse += lightMapTexel.rgb * lightMapIntensity * RECIPROCAL_PI;
	#else
		reflectedLight.indirectDiffuse += vec3( 1.0 );
	#endif
	#include <aomap_fragment>
	reflectedLight.indirectDiffuse *= diffuseColor.rgb;
	vec3 outgoingLight = reflectedLight.indirectDiffuse;
	#include <envmap_fragment>
	#include <opaque_fragment>
	#include <tonemapping_fragment>
	#include <colorspace_fragment>
	#include <fog_fragment>
	#include <premultiplied_alpha_fragment>
	#include <dithering_fragment>
}`,Zp=`#define LAMBERT
varying vec3 vViewPosition;
#include <common>
#include <batching_pars_vertex>
#include <uv_pars_vertex>
#include <displacementmap_pars_vertex>
#include <envmap_pars_vertex>
#include <color_pars_vertex>
#include <fog_pars_vertex>
#include <normal_pars_vertex>
#include <morphtarget_pars_vertex>
#include <skinning_pars_vertex>
#include <shadowmap_pars_vertex>
#include <logdepthbuf_pars_vertex>
#include <clipping_planes_pars_vertex>
void main() {
	#include <uv_vertex>
	#include <color_vertex>
	#include <morphinstance_vertex>
	#include <morphcolor_vertex>
	#include <batching_vertex>
	#include <beginnormal_vertex>
	#include <morphnormal_vertex>
	#include <skinbase_vertex>
	#include <skinnormal_vertex>
	#include <defaultnormal_vertex>
	#include <normal_vertex>
	#include <begin_vertex>
	#include <morphtarget_vertex>
	#include <skinning_vertex>
	#include <displacementmap_vertex>
	#include <project_vertex>
	#include <logdepthbuf_vertex>
	#include <clipping_planes_vertex>
	vViewPosition = - mvPosition.xyz;
	#include <worldpos_vertex>
	#include <envmap_vertex>
	#include <shadowmap_vertex>
	#include <fog_vertex>
}`,Jp=`#define LAMBERT
uniform vec3 diffuse;
uniform vec3 emissive;
uniform float opacity;
#include <common>
#include <dithering_pars_fragment>
#include <color_pars_fragment>
#include <uv_pars_fragment>
#include <map_pars_fragment>
#include <alphamap_pars_fragment>
#include <alphatest_pars_fragment>
#include <alphahash_pars_fragment>
#include <aomap_pars_fragment>
#include <lightmap_pars_fragment>
#include <emissivemap_pars_fragment>
#include <envmap_common_pars_fragment>
#include <envmap_pars_fragment>
#include <envmap_physical_pars_fragment>
#include <fog_pars_fragment>
#include <bsdfs>
#include <lights_pars_begin>
#include <normal_pars_fragment>
#include <lights_lambert_pars_fragment>
#include <shadowmap_pars_fragment>
#include <bumpmap_pars_fragment>
#include <normalmap_pars_fragment>
#include <specularmap_pars_fragment>
#include <logdepthbuf_pars_fragment>
#include <clipping_planes_pars_fragment>
void main() {
	vec4 diffuseColor = vec4( diffuse, opacity );
	#include <clipping_planes_fragment>
	ReflectedLight reflectedLight = ReflectedLight( vec3( 0.0 ), vec3( 0.0 ), vec3( 0.0 ), vec3( 0.0 ) );
	vec3 totalEmissiveRadiance = emissive;
	#include <logdepthbuf_fragment>
	#include <map_fragment>
	#include <color_fragment>
	#include <alphamap_fragment>
	#include <alphatest_fragment>
	#include <alphahash_fragment>
	#include <specularmap_fragment>
	#include <normal_fragment_begin>
	#include <normal_fragment_maps>
	#include <emissivemap_fragment>
	#include <lights_lambert_fragment>
	#include <lights_fragment_begin>
	#include <lights_fragment_maps>
	#include <lights_fragment_end>
	#include <aomap_fragment>
	vec3 outgoingLight = reflectedLight.directDiffuse + reflectedLight.indirectDiffuse + totalEmissiveRadiance;
	#include <envmap_fragment>
	#include <opaque_fragment>
	#include <tonemapping_fragment>
	#include <colorspace_fragment>
	#include <fog_fragment>
	#include <premultiplied_alpha_fragment>
	#include <dithering_fragment>
}`,Kp=`#define MATCAP
varying vec3 vViewPosition;
#include <common>
#include <batching_pars_vertex>
#include <uv_pars_vertex>
#include <color_pars_vertex>
#include <displacementmap_pars_vertex>
#include <fog_pars_vertex>
#include <normal_pars_vertex>
#include <morphtarget_pars_vertex>
#include <skinning_pars_vertex>
#include <logdepthbuf_pars_vertex>
#include <clipping_planes_pars_vertex>
void main() {
	#include <uv_vertex>
	#include <color_vertex>
	#include <morphinstance_vertex>
	#include <morphcolor_vertex>
	#include <batching_vertex>
	#include <beginnormal_vertex>
	#include <morphnormal_vertex>
	#include <skinbase_vertex>
	#include <skinnormal_vertex>
	#include <defaultnormal_vertex>
	#include <normal_vertex>
	#include <begin_vertex>
	#include <morphtarget_vertex>
	#include <skinning_vertex>
	#include <displacementmap_vertex>
	#include <project_vertex>
	#include <logdepthbuf_vertex>
	#include <clipping_planes_vertex>
	#include <fog_vertex>
	vViewPosition = - mvPosition.xyz;
}`,jp=`#define MATCAP
uniform vec3 diffuse;
uniform float opacity;
uniform sampler2D matcap;
varying vec3 vViewPosition;
#include <common>
#include <dithering_pars_fragment>
#include <color_pars_fragment>
#include <uv_pars_fragment>
#include <map_pars_fragment>
#include <alphamap_pars_fragment>
#include <alphatest_pars_fragment>
#include <alphahash_pars_fragment>
#include <fog_pars_fragment>
#include <normal_pars_fragment>
#include <bumpmap_pars_fragment>
#include <normalmap_pars_fragment>
#include <logdepthbuf_pars_fragment>
#include <clipping_planes_pars_fragment>
void main() {
	vec4 diffuseColor = vec4( diffuse, opacity );
	#include <clipping_planes_fragment>
	#include <logdepthbuf_fragment>
	#include <map_fragment>
	#include <color_fragment>
	#include <alphamap_fragment>
	#include <alphatest_fragment>
	#include <alphahash_fragment>
	#include <normal_fragment_begin>
	#include <normal_fragment_maps>
	vec3 viewDir = normalize( vViewPosition );
	vec3 x = normalize( vec3( viewDir.z, 0.0, - viewDir.x ) );
	vec3 y = cross( viewDir, x );
	vec2 uv = vec2( dot( x, normal ), dot( y, normal ) ) * 0.495 + 0.5;
	#ifdef USE_MATCAP
		vec4 matcapColor = texture2D( matcap, uv );
	#else
		vec4 matcapColor = vec4( vec3( mix( 0.2, 0.8, uv.y ) ), 1.0 );
	#endif
	vec3 outgoingLight = diffuseColor.rgb * matcapColor.rgb;
	#include <opaque_fragment>
	#include <tonemapping_fragment>
	#include <colorspace_fragment>
	#include <fog_fragment>
	#include <premultiplied_alpha_fragment>
	#include <dithering_fragment>
}`,Qp=`#define NORMAL
#if defined( FLAT_SHADED ) || defined( USE_BUMPMAP ) || defined( USE_NORMALMAP_TANGENTSPACE )
	varying vec3 vViewPosition;
#endif
#include <common>
#include <batching_pars_vertex>
#include <uv_pars_vertex>
#include <displacementmap_pars_vertex>
#include <normal_pars_vertex>
#include <morphtarget_pars_vertex>
#include <skinning_pars_vertex>
#include <logdepthbuf_pars_vertex>
#include <clipping_planes_pars_vertex>
void main() {
	#include <uv_vertex>
	#include <batching_vertex>
	#include <beginnormal_vertex>
	#include <morphinstance_vertex>
	#include <morphnormal_vertex>
	#include <skinbase_vertex>
	#include <skinnormal_vertex>
	#include <defaultnormal_vertex>
	#include <normal_vertex>
	#include <begin_vertex>
	#include <morphtarget_vertex>
	#include <skinning_vertex>
	#include <displacementmap_vertex>
	#include <project_vertex>
	#include <logdepthbuf_vertex>
	#include <clipping_planes_vertex>
#if defined( FLAT_SHADED ) || defined( USE_BUMPMAP ) || defined( USE_NORMALMAP_TANGENTSPACE )
	vViewPosition = - mvPosition.xyz;
#endif
}`,em=`#define NORMAL
uniform float opacity;
#if defined( FLAT_SHADED ) || defined( USE_BUMPMAP ) || defined( USE_NORMALMAP_TANGENTSPACE )
	varying vec3 vViewPosition;
#endif
#include <uv_pars_fragment>
#include <normal_pars_fragment>
#include <bumpmap_pars_fragment>
#include <normalmap_pars_fragment>
#include <logdepthbuf_pars_fragment>
#include <clipping_planes_pars_fragment>
void main() {
	vec4 diffuseColor = vec4( 0.0, 0.0, 0.0, opacity );
	#include <clipping_planes_fragment>
	#include <logdepthbuf_fragment>
	#include <normal_fragment_begin>
	#include <normal_fragment_maps>
	gl_FragColor = vec4( normalize( normal ) * 0.5 + 0.5, diffuseColor.a );
	#ifdef OPAQUE
		gl_FragColor.a = 1.0;
	#endif
}`,tm=`#define PHONG
varying vec3 vViewPosition;
#include <common>
#include <batching_pars_vertex>
#include <uv_pars_vertex>
#include <displacementmap_pars_vertex>
#include <envmap_pars_vertex>
#include <color_pars_vertex>
#include <fog_pars_vertex>
#include <normal_pars_vertex>
#include <morphtarget_pars_vertex>
#include <skinning_pars_vertex>
#include <shadowmap_pars_vertex>
#include <logdepthbuf_pars_vertex>
#include <clipping_planes_pars_vertex>
void main() {
	#include <uv_vertex>
	#include <color_vertex>
	#include <morphcolor_vertex>
	#include <batching_vertex>
	#include <beginnormal_vertex>
	#include <morphinstance_vertex>
	#include <morphnormal_vertex>
	#include <skinbase_vertex>
	#include <skinnormal_vertex>
	#include <defaultnormal_vertex>
	#include <normal_vertex>
	#include <begin_vertex>
	#include <morphtarget_vertex>
	#include <skinning_vertex>
	#include <displacementmap_vertex>
	#include <project_vertex>
	#include <logdepthbuf_vertex>
	#include <clipping_planes_vertex>
	vViewPosition = - mvPosition.xyz;
	#include <worldpos_vertex>
	#include <envmap_vertex>
	#include <shadowmap_vertex>
	#include <fog_vertex>
}`,nm=`#define PHONG
uniform vec3 diffuse;
uniform vec3 emissive;
uniform vec3 specular;
uniform float shininess;
uniform float opacity;
#include <common>
#include <dithering_pars_fragment>
#include <color_pars_fragment>
#include <uv_pars_fragment>
#include <map_pars_fragment>
#include <alphamap_pars_fragment>
#include <alphatest_pars_fragment>
#include <alphahash_pars_fragment>
#include <aomap_pars_fragment>
#include <lightmap_pars_fragment>
#include <emissivemap_pars_fragment>
#include <envmap_common_pars_fragment>
#include <envmap_pars_fragment>
#include <envmap_physical_pars_fragment>
#include <fog_pars_fragment>
#include <bsdfs>
#include <lights_pars_begin>
#include <normal_pars_fragment>
#include <lights_phong_pars_fragment>
#include <shadowmap_pars_fragment>
#include <bumpmap_pars_fragment>
#include <normalmap_pars_fragment>
#include <specularmap_pars_fragment>
#include <logdepthbuf_pars_fragment>
#include <clipping_planes_pars_fragment>
void main() {
	vec4 diffuseColor = vec4( diffuse, opacity );
	#include <clipping_planes_fragment>
	ReflectedLight reflectedLight = ReflectedLight( vec3( 0.0 ), vec3( 0.0 ), vec3( 0.0 ), vec3( 0.0 ) );
	vec3 totalEmissiveRadiance = emissive;
	#include <logdepthbuf_fragment>
	#include <map_fragment>
	#include <color_fragment>
	#include <alphamap_fragment>
	#include <alphatest_fragment>
	#include <alphahash_fragment>
	#include <specularmap_fragment>
	#include <normal_fragment_begin>
	#include <normal_fragment_maps>
	#include <emissivemap_fragment>
	#include <lights_phong_fragment>
	#include <lights_fragment_begin>
	#include <lights_fragment_maps>
	#include <lights_fragment_end>
	#include <aomap_fragment>
	vec3 outgoingLight = reflectedLight.directDiffuse + reflectedLight.indirectDiffuse + reflectedLight.directSpecular + reflectedLight.indirectSpecular + totalEmissiveRadiance;
	#include <envmap_fragment>
	#include <opaque_fragment>
	#include <tonemapping_fragment>
	#include <colorspace_fragment>
	#include <fog_fragment>
	#include <premultiplied_alpha_fragment>
	#include <dithering_fragment>
}`,im=`#define STANDARD
varying vec3 vViewPosition;
#ifdef USE_TRANSMISSION
	varying vec3 vWorldPosition;
#endif
#include <common>
#include <batching_pars_vertex>
#include <uv_pars_vertex>
#include <displacementmap_pars_vertex>
#include <color_pars_vertex>
#include <fog_pars_vertex>
#include <normal_pars_vertex>
#include <morphtarget_pars_vertex>
#include <skinning_pars_vertex>
#include <shadowmap_pars_vertex>
#include <logdepthbuf_pars_vertex>
#include <clipping_planes_pars_vertex>
void main() {
	#include <uv_vertex>
	#include <color_vertex>
	#include <morphinstance_vertex>
	#include <morphcolor_vertex>
	#include <batching_vertex>
	#include <beginnormal_vertex>
	#include <morphnormal_vertex>
	#include <skinbase_vertex>
	#include <skinnormal_vertex>
	#include <defaultnormal_vertex>
	#include <normal_vertex>
	#include <begin_vertex>
	#include <morphtarget_vertex>
	#include <skinning_vertex>
	#include <displacementmap_vertex>
	#include <project_vertex>
	#include <logdepthbuf_vertex>
	#include <clipping_planes_vertex>
	vViewPosition = - mvPosition.xyz;
	#include <worldpos_vertex>
	#include <shadowmap_vertex>
	#include <fog_vertex>
#ifdef USE_TRANSMISSION
	vWorldPosition = worldPosition.xyz;
#endif
}`,sm=`#define STANDARD
#ifdef PHYSICAL
	#define IOR
	#define USE_SPECULAR
#endif
uniform vec3 diffuse;
uniform vec3 emissive;
uniform float roughness;
uniform float metalness;
uniform float opacity;
#ifdef IOR
	uniform float ior;
#endif
#ifdef USE_SPECULAR
	uniform float specularIntensity;
	uniform vec3 specularColor;
	#ifdef USE_SPECULAR_COLORMAP
		uniform sampler2D specularColorMap;
	#endif
	#ifdef USE_SPECULAR_INTENSITYMAP
		uniform sampler2D specularIntensityMap;
	#endif
#endif
#ifdef USE_CLEARCOAT
	uniform float clearcoat;
	uniform float clearcoatRoughness;
#endif
#ifdef USE_DIFFUSE_ROUGHNESS
	uniform float diffuseRoughness;
	#ifdef USE_DIFFUSE_ROUGHNESSMAP
		uniform sampler2D diffuseRoughnessMap;
	#endif
#endif
#ifdef USE_DISPERSION
	uniform float dispersion;
#endif
#ifdef USE_RETROREFLECTION
	uniform float retroreflectivity;
#endif
#ifdef USE_IRIDESCENCE
	uniform float iridescence;
	uniform float iridescenceIOR;
	uniform float iridescenceThicknessMinimum;
	uniform float iridescenceThicknessMaximum;
#endif
#ifdef USE_SHEEN
	uniform vec3 sheenColor;
	uniform float sheenRoughness;
	#ifdef USE_SHEEN_COLORMAP
		uniform sampler2D sheenColorMap;
	#endif
	#ifdef USE_SHEEN_ROUGHNESSMAP
		uniform sampler2D sheenRoughnessMap;
	#endif
#endif
#ifdef USE_ANISOTROPY
	uniform vec2 anisotropyVector;
	#ifdef USE_ANISOTROPYMAP
		uniform sampler2D anisotropyMap;
	#endif
#endif
varying vec3 vViewPosition;
#include <common>
#include <dithering_pars_fragment>
#include <color_pars_fragment>
#include <uv_pars_fragment>
#include <map_pars_fragment>
#include <alphamap_pars_fragment>
#include <alphatest_pars_fragment>
#include <alphahash_pars_fragment>
#include <aomap_pars_fragment>
#include <lightmap_pars_fragment>
#include <emissivemap_pars_fragment>
#include <iridescence_fragment>
#include <envmap_common_pars_fragment>
#include <envmap_physical_pars_fragment>
#include <fog_pars_fragment>
#include <lights_pars_begin>
#include <normal_pars_fragment>
#include <lights_physical_pars_fragment>
#include <transmission_pars_fragment>
#include <shadowmap_pars_fragment>
#include <bumpmap_pars_fragment>
#include <normalmap_pars_fragment>
#include <clearcoat_pars_fragment>
#include <iridescence_pars_fragment>
#include <roughnessmap_pars_fragment>
#include <metalnessmap_pars_fragment>
#include <logdepthbuf_pars_fragment>
#include <clipping_planes_pars_fragment>
void main() {
	vec4 diffuseColor = vec4( diffuse, opacity );
	#include <clipping_planes_fragment>
	ReflectedLight reflectedLight = ReflectedLight( vec3( 0.0 ), vec3( 0.0 ), vec3( 0.0 ), vec3( 0.0 ) );
	vec3 totalEmissiveRadiance = emissive;
	#include <logdepthbuf_fragment>
	#include <map_fragment>
	#include <color_fragment>
	#include <alphamap_fragment>
	#include <alphatest_fragment>
	#include <alphahash_fragment>
	#include <roughnessmap_fragment>
	#include <metalnessmap_fragment>
	#include <normal_fragment_begin>
	#include <normal_fragment_maps>
	#include <clearcoat_normal_fragment_begin>
	#include <clearcoat_normal_fragment_maps>
	#include <emissivemap_fragment>
	#include <lights_physical_fragment>
	#include <lights_fragment_begin>
	#include <lights_fragment_maps>
	#include <lights_fragment_end>
	#include <aomap_fragment>
	vec3 totalDiffuse = reflectedLight.directDiffuse + reflectedLight.indirectDiffuse;
	vec3 totalSpecular = reflectedLight.directSpecular + reflectedLight.indirectSpecular;
	#include <transmission_fragment>
	vec3 outgoingLight = totalDiffuse + totalSpecular + totalEmissiveRadiance;
	#ifdef USE_SHEEN
 
		outgoingLight = outgoingLight + sheenSpecularDirect + sheenSpecularIndirect;
 
 	#endif
	#ifdef USE_CLEARCOAT
		float dotNVcc = saturate( dot( geometryClearcoatNormal, geometryViewDir ) );
		vec3 Fcc = F_Schlick( material.clearcoatF0, material.clearcoatF90, dotNVcc );
		outgoingLight = outgoingLight * ( 1.0 - material.clearcoat * Fcc ) + ( clearcoatSpecularDirect + clearcoatSpecularIndirect ) * material.clearcoat;
	#endif
	#include <opaque_fragment>
	#include <tonemapping_fragment>
	#include <colorspace_fragment>
	#include <fog_fragment>
	#include <premultiplied_alpha_fragment>
	#include <dithering_fragment>
}`,am=`#define TOON
varying vec3 vViewPosition;
#include <common>
#include <batching_pars_vertex>
#include <uv_pars_vertex>
#include <displacementmap_pars_vertex>
#include <color_pars_vertex>
#include <fog_pars_vertex>
#include <normal_pars_vertex>
#include <morphtarget_pars_vertex>
#include <skinning_pars_vertex>
#include <shadowmap_pars_vertex>
#include <logdepthbuf_pars_vertex>
#include <clipping_planes_pars_vertex>
void main() {
	#include <uv_vertex>
	#include <color_vertex>
	#include <morphinstance_vertex>
	#include <morphcolor_vertex>
	#include <batching_vertex>
	#include <beginnormal_vertex>
	#include <morphnormal_vertex>
	#include <skinbase_vertex>
	#include <skinnormal_vertex>
	#include <defaultnormal_vertex>
	#include <normal_vertex>
	#include <begin_vertex>
	#include <morphtarget_vertex>
	#include <skinning_vertex>
	#include <displacementmap_vertex>
	#include <project_vertex>
	#include <logdepthbuf_vertex>
	#include <clipping_planes_vertex>
	vViewPosition = - mvPosition.xyz;
	#include <worldpos_vertex>
	#include <shadowmap_vertex>
	#include <fog_vertex>
}`,rm=`#define TOON
uniform vec3 diffuse;
uniform vec3 emissive;
uniform float opacity;
#include <common>
#include <dithering_pars_fragment>
#include <color_pars_fragment>
#include <uv_pars_fragment>
#include <map_pars_fragment>
#include <alphamap_pars_fragment>
#include <alphatest_pars_fragment>
#include <alphahash_pars_fragment>
#include <aomap_pars_fragment>
#include <lightmap_pars_fragment>
#include <emissivemap_pars_fragment>
#include <gradientmap_pars_fragment>
#include <fog_pars_fragment>
#include <bsdfs>
#include <lights_pars_begin>
#include <normal_pars_fragment>
#include <lights_toon_pars_fragment>
#include <shadowmap_pars_fragment>
#include <bumpmap_pars_fragment>
#include <normalmap_pars_fragment>
#include <logdepthbuf_pars_fragment>
#include <clipping_planes_pars_fragment>
void main() {
	vec4 diffuseColor = vec4( diffuse, opacity );
	#include <clipping_planes_fragment>
	ReflectedLight reflectedLight = ReflectedLight( vec3( 0.0 ), vec3( 0.0 ), vec3( 0.0 ), vec3( 0.0 ) );
	vec3 totalEmissiveRadiance = emissive;
	#include <logdepthbuf_fragment>
	#include <map_fragment>
	#include <color_fragment>
	#include <alphamap_fragment>
	#include <alphatest_fragment>
	#include <alphahash_fragment>
	#include <normal_fragment_begin>
	#include <normal_fragment_maps>
	#include <emissivemap_fragment>
	#include <lights_toon_fragment>
	#include <lights_fragment_begin>
	#include <lights_fragment_maps>
	#include <lights_fragment_end>
	#include <aomap_fragment>
	vec3 outgoingLight = reflectedLight.directDiffuse + reflectedLight.indirectDiffuse + totalEmissiveRadiance;
	#include <opaque_fragment>
	#include <tonemapping_fragment>
	#include <colorspace_fragment>
	#include <fog_fragment>
	#include <premultiplied_alpha_fragment>
	#include <dithering_fragment>
}`,om=`uniform float size;
uniform float scale;
#include <common>
#include <color_pars_vertex>
#include <fog_pars_vertex>
#include <morphtarget_pars_vertex>
#include <logdepthbuf_pars_vertex>
#include <clipping_planes_pars_vertex>
#ifdef USE_POINTS_UV
	varying vec2 vUv;
	uniform mat3 uvTransform;
#endif
void main() {
	#ifdef USE_POINTS_UV
		vUv = ( uvTransform * vec3( uv, 1 ) ).xy;
	#endif
	#include <color_vertex>
	#include <morphinstance_vertex>
	#include <morphcolor_vertex>
	#include <begin_vertex>
	#include <morphtarget_vertex>
	#include <project_vertex>
	gl_PointSize = size;
	#ifdef USE_SIZEATTENUATION
		bool isPerspective = isPerspectiveMatrix( projectionMatrix );
		if ( isPerspective ) gl_PointSize *= ( scale / - mvPosition.z );
	#endif
	#include <logdepthbuf_vertex>
	#include <clipping_planes_vertex>
	#include <worldpos_vertex>
	#include <fog_vertex>
}`,cm=`uniform vec3 diffuse;
uniform float opacity;
#include <common>
#include <color_pars_fragment>
#include <map_particle_pars_fragment>
#include <alphatest_pars_fragment>
#include <alphahash_pars_fragment>
#include <fog_pars_fragment>
#include <logdepthbuf_pars_fragment>
#include <clipping_planes_pars_fragment>
void main() {
	vec4 diffuseColor = vec4( diffuse, opacity );
	#include <clipping_planes_fragment>
	vec3 outgoingLight = vec3( 0.0 );
	#include <logdepthbuf_fragment>
	#include <map_particle_fragment>
	#include <color_fragment>
	#include <alphatest_fragment>
	#include <alphahash_fragment>
	outgoingLight = diffuseColor.rgb;
	#include <opaque_fragment>
	#include <tonemapping_fragment>
	#include <colorspace_fragment>
	#include <fog_fragment>
	#include <premultiplied_alpha_fragment>
}`,lm=`#include <common>
#include <batching_pars_vertex>
#include <fog_pars_vertex>
#include <morphtarget_pars_vertex>
#include <skinning_pars_vertex>
#include <logdepthbuf_pars_vertex>
#include <shadowmap_pars_vertex>
void main() {
	#include <batching_vertex>
	#include <beginnormal_vertex>
	#include <morphinstance_vertex>
	#include <morphnormal_vertex>
	#include <skinbase_vertex>
	#include <skinnormal_vertex>
	#include <defaultnormal_vertex>
	#include <begin_vertex>
	#include <morphtarget_vertex>
	#include <skinning_vertex>
	#include <project_vertex>
	#include <logdepthbuf_vertex>
	#include <worldpos_vertex>
	#include <shadowmap_vertex>
	#include <fog_vertex>
}`,dm=`uniform vec3 color;
uniform float opacity;
#include <common>
#include <fog_pars_fragment>
#include <bsdfs>
#include <lights_pars_begin>
#include <logdepthbuf_pars_fragment>
#include <shadowmap_pars_fragment>
#include <shadowmask_pars_fragment>
void main() {
	#include <logdepthbuf_fragment>
	gl_FragColor = vec4( color, opacity * ( 1.0 - getShadowMask() ) );
	#include <tonemapping_fragment>
	#include <colorspace_fragment>
	#include <fog_fragment>
	#include <premultiplied_alpha_fragment>
}`,fm=`uniform float rotation;
uniform vec2 center;
#include <common>
#include <uv_pars_vertex>
#include <fog_pars_vertex>
#include <logdepthbuf_pars_vertex>
#include <clipping_planes_pars_vertex>
void main() {
	#include <uv_vertex>
	vec4 mvPosition = modelViewMatrix[ 3 ];
	vec2 scale = vec2( length( modelMatrix[ 0 ].xyz ), length( modelMatrix[ 1 ].xyz ) );
	#ifndef USE_SIZEATTENUATION
		bool isPerspective = isPerspectiveMatrix( projectionMatrix );
		if ( isPerspective ) scale *= - mvPosition.z;
	#endif
	vec2 alignedPosition = ( position.xy - ( center - vec2( 0.5 ) ) ) * scale;
	vec2 rotatedPosition;
	rotatedPosition.x = cos( rotation ) * alignedPosition.x - sin( rotation ) * alignedPosition.y;
	rotatedPosition.y = sin( rotation ) * alignedPosition.x + cos( rotation ) * alignedPosition.y;
	mvPosition.xy += rotatedPosition;
	gl_Position = projectionMatrix * mvPosition;
	#include <logdepthbuf_vertex>
	#include <clipping_planes_vertex>
	#include <fog_vertex>
}`,hm=`uniform vec3 diffuse;
uniform float opacity;
#include <common>
#include <uv_pars_fragment>
#include <map_pars_fragment>
#include <alphamap_pars_fragment>
#include <alphatest_pars_fragment>
#include <alphahash_pars_fragment>
#include <fog_pars_fragment>
#include <logdepthbuf_pars_fragment>
#include <clipping_planes_pars_fragment>
void main() {
	vec4 diffuseColor = vec4( diffuse, opacity );
	#include <clipping_planes_fragment>
	vec3 outgoingLight = vec3( 0.0 );
	#include <logdepthbuf_fragment>
	#include <map_fragment>
	#include <alphamap_fragment>
	#include <alphatest_fragment>
	#include <alphahash_fragment>
	outgoingLight = diffuseColor.rgb;
	#include <opaque_fragment>
	#include <tonemapping_fragment>
	#include <colorspace_fragment>
	#include <fog_fragment>
}`,ze={alphahash_fragment:Du,alphahash_pars_fragment:Uu,alphamap_fragment:Ou,alphamap_pars_fragment:Fu,alphatest_fragment:Bu,alphatest_pars_fragment:zu,aomap_fragment:ku,aomap_pars_fragment:Vu,batching_pars_vertex:Gu,batching_vertex:Hu,begin_vertex:Wu,beginnormal_vertex:Xu,bsdfs:qu,iridescence_fragment:Yu,bumpmap_pars_fragment:$u,clipping_planes_fragment:Zu,clipping_planes_pars_fragment:Ju,clipping_planes_pars_vertex:Ku,clipping_planes_vertex:ju,color_fragment:Qu,color_pars_fragment:e0,color_pars_vertex:t0,color_vertex:n0,common:i0,defaultnormal_vertex:s0,displacementmap_pars_vertex:a0,displacementmap_vertex:r0,emissivemap_fragment:o0,emissivemap_pars_fragment:c0,colorspace_fragment:l0,colorspace_pars_fragment:d0,envmap_fragment:f0,envmap_common_pars_fragment:h0,envmap_pars_fragment:u0,envmap_pars_vertex:p0,envmap_physical_pars_fragment:E0,envmap_vertex:m0,fog_vertex:b0,fog_pars_vertex:g0,fog_fragment:_0,fog_pars_fragment:x0,gradientmap_pars_fragment:y0,lightmap_pars_fragment:v0,lights_lambert_fragment:M0,lights_lambert_pars_fragment:S0,lights_pars_begin:w0,lights_toon_fragment:T0,lights_toon_pars_fragment:A0,lights_phong_fragment:C0,lights_phong_pars_fragment:R0,lights_physical_fragment:P0,lights_physical_pars_fragment:I0,lights_fragment_begin:L0,lights_fragment_maps:N0,lights_fragment_end:D0,lightprobes_pars_fragment:U0,logdepthbuf_fragment:O0,logdepthbuf_pars_fragment:F0,logdepthbuf_pars_vertex:B0,logdepthbuf_vertex:z0,map_fragment:k0,map_pars_fragment:V0,map_particle_fragment:G0,map_particle_pars_fragment:H0,metalnessmap_fragment:W0,metalnessmap_pars_fragment:X0,morphinstance_vertex:q0,morphcolor_vertex:Y0,morphnormal_vertex:$0,morphtarget_pars_vertex:Z0,morphtarget_vertex:J0,normal_fragment_begin:K0,normal_fragment_maps:j0,normal_pars_fragment:Q0,normal_pars_vertex:ep,normal_vertex:tp,normalmap_pars_fragment:np,clearcoat_normal_fragment_begin:ip,clearcoat_normal_fragment_maps:sp,clearcoat_pars_fragment:ap,iridescence_pars_fragment:rp,opaque_fragment:op,packing:cp,premultiplied_alpha_fragment:lp,project_vertex:dp,dithering_fragment:fp,dithering_pars_fragment:hp,roughnessmap_fragment:up,roughnessmap_pars_fragment:pp,shadowmap_pars_fragment:mp,shadowmap_pars_vertex:bp,shadowmap_vertex:gp,shadowmask_pars_fragment:_p,skinbase_vertex:xp,skinning_pars_vertex:yp,skinning_vertex:vp,skinnormal_vertex:Mp,specularmap_fragment:Sp,specularmap_pars_fragment:wp,tonemapping_fragment:Ep,tonemapping_pars_fragment:Tp,transmission_fragment:Ap,transmission_pars_fragment:Cp,uv_pars_fragment:Rp,uv_pars_vertex:Pp,uv_vertex:Ip,worldpos_vertex:Lp,background_vert:Np,background_frag:Dp,backgroundCube_vert:Up,backgroundCube_frag:Op,cube_vert:Fp,cube_frag:Bp,depth_vert:zp,depth_frag:kp,distance_vert:Vp,distance_frag:Gp,equirect_vert:Hp,equirect_frag:Wp,linedashed_vert:Xp,linedashed_frag:qp,meshbasic_vert:Yp,meshbasic_frag:$p,meshlambert_vert:Zp,meshlambert_frag:Jp,meshmatcap_vert:Kp,meshmatcap_frag:jp,meshnormal_vert:Qp,meshnormal_frag:em,meshphong_vert:tm,meshphong_frag:nm,meshphysical_vert:im,meshphysical_frag:sm,meshtoon_vert:am,meshtoon_frag:rm,points_vert:om,points_frag:cm,shadow_vert:lm,shadow_frag:dm,sprite_vert:fm,sprite_frag:hm},pe={common:{diffuse:{value:new Ge(16777215)},opacity:{value:1},map:{value:null},mapTransform:{value:new Le},alphaMap:{value:null},alphaMapTransform:{value:new Le},alphaTest:{value:0}},specularmap:{specularMap:{value:null},specularMapTransform:{value:new Le}},envmap:{envMap:{value:null},envMapRotation:{value:new Le},reflectivity:{value:1},ior:{value:1.5},refractionRatio:{value:.98},dfgLUT:{value:null}},aomap:{aoMap:{value:null},aoMapIntensity:{value:1},aoMapTransform:{value:new Le}},lightmap:{lightMap:{value:null},lightMapIntensity:{value:1},lightMapTransform:{value:new Le}},bumpmap:{bumpMap:{value:null},bumpMapTransform:{value:new Le},bumpScale:{value:1}},normalmap:{normalMap:{value:null},normalMapTransform:{value:new Le},normalScale:{value:new Re(1,1)}},displacementmap:{displacementMap:{value:null},displacementMapTransform:{value:new Le},displacementScale:{value:1},displacementBias:{value:0}},emissivemap:{emissiveMap:{value:null},emissiveMapTransform:{value:new Le}},metalnessmap:{metalnessMap:{value:null},metalnessMapTransform:{value:new Le}},roughnessmap:{roughnessMap:{value:null},roughnessMapTransform:{value:new Le}},gradientmap:{gradientMap:{value:null}},fog:{fogDensity:{value:25e-5},fogNear:{value:1},fogFar:{value:2e3},fogColor:{value:new Ge(16777215)}},lights:{ambientLightColor:{value:[]},lightProbe:{value:[]},sunLights:{value:[],properties:{direction:{},color:{}}},sunLightShadows:{value:[],properties:{shadowIntensity:1,shadowBias:{},shadowNormalBias:{},shadowRadius:{},shadowMapSize:{}}},sunShadowMatrix:{value:[]},sunShadowCascade:{value:[]},directionalLights:{value:[],properties:{direction:{},color:{}}},directionalLightShadows:{value:[],properties:{shadowIntensity:1,shadowBias:{},shadowNormalBias:{},shadowRadius:{},shadowMapSize:{}}},directionalShadowMatrix:{value:[]},spotLights:{value:[],properties:{color:{},position:{},direction:{},distance:{},coneCos:{},penumbraCos:{},decay:{}}},spotLightShadows:{value:[],properties:{shadowIntensity:1,shadowBias:{},shadowNormalBias:{},shadowRadius:{},shadowMapSize:{}}},spotLightMap:{value:[]},spotLightMatrix:{value:[]},pointLights:{value:[],properties:{color:{},position:{},decay:{},distance:{}}},pointLightShadows:{value:[],properties:{shadowIntensity:1,shadowBias:{},shadowNormalBias:{},shadowRadius:{},shadowMapSize:{},shadowCameraNear:{},shadowCameraFar:{}}},pointShadowMatrix:{value:[]},hemisphereLights:{value:[],properties:{direction:{},skyColor:{},groundColor:{}}},rectAreaLights:{value:[],properties:{color:{},position:{},width:{},height:{}}},ltc_1:{value:null},ltc_2:{value:null},probesSH:{value:[]},probesMin:{value:[]},probesMax:{value:[]},probesResolution:{value:[]}},points:{diffuse:{value:new Ge(16777215)},opacity:{value:1},size:{value:1},scale:{value:1},map:{value:null},alphaMap:{value:null},alphaMapTransform:{value:new Le},alphaTest:{value:0},uvTransform:{value:new Le}},sprite:{diffuse:{value:new Ge(16777215)},opacity:{value:1},center:{value:new Re(.5,.5)},rotation:{value:0},map:{value:null},mapTransform:{value:new Le},alphaMap:{value:null},alphaMapTransform:{value:new Le},alphaTest:{value:0}}},Sn={basic:{uniforms:Lt([pe.common,pe.specularmap,pe.envmap,pe.aomap,pe.lightmap,pe.fog]),vertexShader:ze.meshbasic_vert,fragmentShader:ze.meshbasic_frag},lambert:{uniforms:Lt([pe.common,pe.specularmap,pe.envmap,pe.aomap,pe.lightmap,pe.emissivemap,pe.bumpmap,pe.normalmap,pe.displacementmap,pe.fog,pe.lights,{emissive:{value:new Ge(0)},envMapIntensity:{value:1}}]),vertexShader:ze.meshlambert_vert,fragmentShader:ze.meshlambert_frag},phong:{uniforms:Lt([pe.common,pe.specularmap,pe.envmap,pe.aomap,pe.lightmap,pe.emissivemap,pe.bumpmap,pe.normalmap,pe.displacementmap,pe.fog,pe.lights,{emissive:{value:new Ge(0)},specular:{value:new Ge(1118481)},shininess:{value:30},envMapIntensity:{value:1}}]),vertexShader:ze.meshphong_vert,fragmentShader:ze.meshphong_frag},standard:{uniforms:Lt([pe.common,pe.envmap,pe.aomap,pe.lightmap,pe.emissivemap,pe.bumpmap,pe.normalmap,pe.displacementmap,pe.roughnessmap,pe.metalnessmap,pe.fog,pe.lights,{emissive:{value:new Ge(0)},roughness:{value:1},metalness:{value:0},envMapIntensity:{value:1}}]),vertexShader:ze.meshphysical_vert,fragmentShader:ze.meshphysical_frag},toon:{uniforms:Lt([pe.common,pe.aomap,pe.lightmap,pe.emissivemap,pe.bumpmap,pe.normalmap,pe.displacementmap,pe.gradientmap,pe.fog,pe.lights,{emissive:{value:new Ge(0)}}]),vertexShader:ze.meshtoon_vert,fragmentShader:ze.meshtoon_frag},matcap:{uniforms:Lt([pe.common,pe.bumpmap,pe.normalmap,pe.displacementmap,pe.fog,{matcap:{value:null}}]),vertexShader:ze.meshmatcap_vert,fragmentShader:ze.meshmatcap_frag},points:{uniforms:Lt([pe.points,pe.fog]),vertexShader:ze.points_vert,fragmentShader:ze.points_frag},dashed:{uniforms:Lt([pe.common,pe.fog,{scale:{value:1},dashSize:{value:1},totalSize:{value:2}}]),vertexShader:ze.linedashed_vert,fragmentShader:ze.linedashed_frag},depth:{uniforms:Lt([pe.common,pe.displacementmap]),vertexShader:ze.depth_vert,fragmentShader:ze.depth_frag},normal:{uniforms:Lt([pe.common,pe.bumpmap,pe.normalmap,pe.displacementmap,{opacity:{value:1}}]),vertexShader:ze.meshnormal_vert,fragmentShader:ze.meshnormal_frag},sprite:{uniforms:Lt([pe.sprite,pe.fog]),vertexShader:ze.sprite_vert,fragmentShader:ze.sprite_frag},background:{uniforms:{uvTransform:{value:new Le},t2D:{value:null},backgroundIntensity:{value:1}},vertexShader:ze.background_vert,fragmentShader:ze.background_frag},backgroundCube:{uniforms:{envMap:{value:null},backgroundBlurriness:{value:0},backgroundIntensity:{value:1},backgroundRotation:{value:new Le}},vertexShader:ze.backgroundCube_vert,fragmentShader:ze.backgroundCube_frag},cube:{uniforms:{tCube:{value:null},tFlip:{value:-1},opacity:{value:1}},vertexShader:ze.cube_vert,fragmentShader:ze.cube_frag},equirect:{uniforms:{tEquirect:{value:null}},vertexShader:ze.equirect_vert,fragmentShader:ze.equirect_frag},distance:{uniforms:Lt([pe.common,pe.displacementmap,{referencePosition:{value:new D},nearDistance:{value:1},farDistance:{value:1e3}}]),vertexShader:ze.distance_vert,fragmentShader:ze.distance_frag},shadow:{uniforms:Lt([pe.lights,pe.fog,{color:{value:new Ge(0)},opacity:{value:1}}]),vertexShader:ze.shadow_vert,fragmentShader:ze.shadow_frag}};Sn.physical={uniforms:Lt([Sn.standard.uniforms,{clearcoat:{value:0},clearcoatMap:{value:null},clearcoatMapTransform:{value:new Le},clearcoatNormalMap:{value:null},clearcoatNormalMapTransform:{value:new Le},clearcoatNormalScale:{value:new Re(1,1)},clearcoatRoughness:{value:0},clearcoatRoughnessMap:{value:null},clearcoatRoughnessMapTransform:{value:new Le},diffuseRoughness:{value:0},diffuseRoughnessMap:{value:null},diffuseRoughnessMapTransform:{value:new Le},dispersion:{value:0},retroreflectivity:{value:0},iridescence:{value:0},iridescenceMap:{value:null},iridescenceMapTransform:{value:new Le},iridescenceIOR:{value:1.3},iridescenceThicknessMinimum:{value:100},iridescenceThicknessMaximum:{value:400},iridescenceThicknessMap:{value:null},iridescenceThicknessMapTransform:{value:new Le},sheen:{value:0},sheenColor:{value:new Ge(0)},sheenColorMap:{value:null},sheenColorMapTransform:{value:new Le},sheenRoughness:{value:1},sheenRoughnessMap:{value:null},sheenRoughnessMapTransform:{value:new Le},transmission:{value:0},transmissionMap:{value:null},transmissionMapTransform:{value:new Le},transmissionSamplerSize:{value:new Re},transmissionSamplerMap:{value:null},thickness:{value:0},thicknessMap:{value:null},thicknessMapTransform:{value:new Le},attenuationDistance:{value:0},attenuationColor:{value:new Ge(0)},specularColor:{value:new Ge(1,1,1)},specularColorMap:{value:null},specularColorMapTransform:{value:new Le},specularIntensity:{value:1},specularIntensityMap:{value:null},specularIntensityMapTransform:{value:new Le},anisotropyVector:{value:new Re},anisotropyMap:{value:null},anisotropyMapTransform:{value:new Le}}]),vertexShader:ze.meshphysical_vert,fragmentShader:ze.meshphysical_frag};var to={r:0,b:0,g:0},um=new et,Nf=new Le;Nf.set(-1,0,0,0,1,0,0,0,1);function pm(i,e,t,n,s,a){let r=new Ge(0),o=s===!0?0:1,c,l,d=null,h=0,f=null;function u(v){let E=v.isScene===!0?v.background:null;if(E&&E.isTexture){let M=v.backgroundBlurriness>0;E=e.get(E,M)}return E}function b(v){let E=!1,M=u(v);M===null?p(r,o):M&&M.isColor&&(p(M,1),E=!0);let A=i.xr.getEnvironmentBlendMode();A==="additive"?t.buffers.color.setClear(0,0,0,1,a):A==="alpha-blend"&&t.buffers.color.setClear(0,0,0,0,a),(i.autoClear||E)&&(t.buffers.depth.setTest(!0),t.buffers.depth.setMask(!0),t.buffers.color.setMask(!0),i.clear(i.autoClearColor,i.autoClearDepth,i.autoClearStencil))}function y(v,E){let M=u(E);M&&M.isCubeTexture?(l===void 0&&(l=new kt(new ns(1,1,1),new xn({name:"BackgroundCubeMaterial",uniforms:Ei(Sn.backgroundCube.uniforms),vertexShader:Sn.backgroundCube.vertexShader,fragmentShader:Sn.backgroundCube.fragmentShader,side:Ut,depthTest:!1,depthWrite:!1,fog:!1,allowOverride:!1})),l.geometry.deleteAttribute("normal"),l.geometry.deleteAttribute("uv"),l.onBeforeRender=function(A,T,g){this.matrixWorld.copyPosition(g.matrixWorld)},Object.defineProperty(l.material,"envMap",{get:function(){return this.uniforms.envMap.value}}),n.update(l)),l.material.uniforms.envMap.value=M,l.material.uniforms.backgroundBlurriness.value=E.backgroundBlurriness,l.material.uniforms.backgroundIntensity.value=E.backgroundIntensity,l.material.uniforms.backgroundRotation.value.setFromMatrix4(um.makeRotationFromEuler(E.backgroundRotation)).transpose(),M.isRenderTargetTexture===!1&&l.material.uniforms.backgroundRotation.value.premultiply(Nf),l.material.toneMapped=ke.getTransfer(M.colorSpace)!==Ze,(d!==M||h!==M.version||f!==i.toneMapping)&&(l.material.needsUpdate=!0,d=M,h=M.version,f=i.toneMapping),l.layers.enableAll(),v.unshift(l,l.geometry,l.material,0,0,null)):M&&M.isTexture&&(c===void 0&&(c=new kt(new Os(2,2),new xn({name:"BackgroundMaterial",uniforms:Ei(Sn.background.uniforms),vertexShader:Sn.background.vertexShader,fragmentShader:Sn.background.fragmentShader,side:di,depthTest:!1,depthWrite:!1,fog:!1,allowOverride:!1})),c.geometry.deleteAttribute("normal"),Object.defineProperty(c.material,"map",{get:function(){return this.uniforms.t2D.value}}),n.update(c)),c.material.uniforms.t2D.value=M,c.material.uniforms.backgroundIntensity.value=E.backgroundIntensity,c.material.toneMapped=ke.getTransfer(M.colorSpace)!==Ze,M.matrixAutoUpdate===!0&&M.updateMatrix(),c.material.uniforms.uvTransform.value.copy(M.matrix),(d!==M||h!==M.version||f!==i.toneMapping)&&(c.material.needsUpdate=!0,d=M,h=M.version,f=i.toneMapping),c.layers.enableAll(),v.unshift(c,c.geometry,c.material,0,0,null))}function p(v,E){v.getRGB(to,Fc(i)),t.buffers.color.setClear(to.r,to.g,to.b,E,a)}function m(){l!==void 0&&(l.geometry.dispose(),l.material.dispose(),l=void 0),c!==void 0&&(c.geometry.dispose(),c.material.dispose(),c=void 0)}return{getClearColor:function(){return r},setClearColor:function(v,E=1){r.set(v),o=E,p(r,o)},getClearAlpha:function(){return o},setClearAlpha:function(v){o=v,p(r,o)},render:b,addToRenderList:y,dispose:m}}function mm(i,e){let t=i.getParameter(i.MAX_VERTEX_ATTRIBS),n={},s=f(null),a=s,r=!1;function o(N,V,Y,P,X){let K=!1,G=h(N,P,Y,V);a!==G&&(a=G,l(a.object)),K=u(N,P,Y,X),K&&b(N,P,Y,X),X!==null&&e.update(X,i.ELEMENT_ARRAY_BUFFER),(K||r)&&(r=!1,M(N,V,Y,P),X!==null&&i.bindBuffer(i.ELEMENT_ARRAY_BUFFER,e.get(X).buffer))}function c(){return i.createVertexArray()}function l(N){return i.bindVertexArray(N)}function d(N){return i.deleteVertexArray(N)}function h(N,V,Y,P){let X=P.wireframe===!0,K=n[V.id];K===void 0&&(K={},n[V.id]=K);let G=N.isInstancedMesh===!0?N.id:0,ne=K[G];ne===void 0&&(ne={},K[G]=ne);let W=ne[Y.id];W===void 0&&(W={},ne[Y.id]=W);let Q=W[X];return Q===void 0&&(Q=f(c()),W[X]=Q),Q}function f(N){let V=[],Y=[],P=[];for(let X=0;X<t;X++)V[X]=0,Y[X]=0,P[X]=0;return{geometry:null,program:null,wireframe:!1,newAttributes:V,enabledAttributes:Y,attributeDivisors:P,object:N,attributes:{},index:null}}function u(N,V,Y,P){let X=a.attributes,K=V.attributes,G=0,ne=Y.getAttributes();for(let W in ne)if(ne[W].location>=0){let ee=X[W],Me=K[W];if(Me===void 0&&(W==="instanceMatrix"&&N.instanceMatrix&&(Me=N.instanceMatrix),W==="instanceColor"&&N.instanceColor&&(Me=N.instanceColor)),ee===void 0||ee.attribute!==Me||Me&&ee.data!==Me.data)return!0;G++}return a.attributesNum!==G||a.index!==P}function b(N,V,Y,P){let X={},K=V.attributes,G=0,ne=Y.getAttributes();for(let W in ne)if(ne[W].location>=0){let ee=K[W];ee===void 0&&(W==="instanceMatrix"&&N.instanceMatrix&&(ee=N.instanceMatrix),W==="instanceColor"&&N.instanceColor&&(ee=N.instanceColor));let Me={};Me.attribute=ee,ee&&ee.data&&(Me.data=ee.data),X[W]=Me,G++}a.attributes=X,a.attributesNum=G,a.index=P}function y(){let N=a.newAttributes;for(let V=0,Y=N.length;V<Y;V++)N[V]=0}function p(N){m(N,0)}function m(N,V){let Y=a.newAttributes,P=a.enabledAttributes,X=a.attributeDivisors;Y[N]=1,P[N]===0&&(i.enableVertexAttribArray(N),P[N]=1),X[N]!==V&&(i.vertexAttribDivisor(N,V),X[N]=V)}function v(){let N=a.newAttributes,V=a.enabledAttributes;for(let Y=0,P=V.length;Y<P;Y++)V[Y]!==N[Y]&&(i.disableVertexAttribArray(Y),V[Y]=0)}function E(N,V,Y,P,X,K,G){G===!0?i.vertexAttribIPointer(N,V,Y,X,K):i.vertexAttribPointer(N,V,Y,P,X,K)}function M(N,V,Y,P){y();let X=P.attributes,K=Y.getAttributes(),G=V.defaultAttributeValues;for(let ne in K){let W=K[ne];if(W.location>=0){let Q=X[ne];if(Q===void 0&&(ne==="instanceMatrix"&&N.instanceMatrix&&(Q=N.instanceMatrix),ne==="instanceColor"&&N.instanceColor&&(Q=N.instanceColor)),Q!==void 0){let ee=Q.normalized,Me=Q.itemSize,De=e.get(Q);if(De===void 0)continue;let Z=De.buffer,me=De.type,xe=De.bytesPerElement,Ae=me===i.INT||me===i.UNSIGNED_INT||Q.gpuType===_r;if(Q.isInterleavedBufferAttribute){let be=Q.data,Oe=be.isInterleavedBuffer===!0?be.stride:be.itemSize,ht=Q.offset;if(be.isInstancedInterleavedBuffer||be.isInstancedBufferAttribute){for(let Pe=0;Pe<W.locationSize;Pe++)m(W.location+Pe,be.meshPerAttribute);N.isInstancedMesh!==!0&&P._maxInstanceCount===void 0&&(P._maxInstanceCount=be.meshPerAttribute*be.count)}else for(let Pe=0;Pe<W.locationSize;Pe++)p(W.location+Pe);i.bindBuffer(i.ARRAY_BUFFER,Z);for(let Pe=0;Pe<W.locationSize;Pe++)E(W.location+Pe,Me/W.locationSize,me,ee,Oe*xe,(ht+Me/W.locationSize*Pe)*xe,Ae)}else{if(Q.isInstancedBufferAttribute){for(let be=0;be<W.locationSize;be++)m(W.location+be,Q.meshPerAttribute);N.isInstancedMesh!==!0&&P._maxInstanceCount===void 0&&(P._maxInstanceCount=Q.meshPerAttribute*Q.count)}else for(let be=0;be<W.locationSize;be++)p(W.location+be);i.bindBuffer(i.ARRAY_BUFFER,Z);for(let be=0;be<W.locationSize;be++)E(W.location+be,Me/W.locationSize,me,ee,Me*xe,Me/W.locationSize*be*xe,Ae)}}else if(G!==void 0){let ee=G[ne];if(ee!==void 0)switch(ee.length){case 2:i.vertexAttrib2fv(W.location,ee);break;case 3:i.vertexAttrib3fv(W.location,ee);break;case 4:i.vertexAttrib4fv(W.location,ee);break;default:i.vertexAttrib1fv(W.location,ee)}}}}v()}function A(){B();for(let N in n){let V=n[N];for(let Y in V){let P=V[Y];for(let X in P){let K=P[X];for(let G in K)d(K[G].object),delete K[G];delete P[X]}}delete n[N]}}function T(N){if(n[N.id]===void 0)return;let V=n[N.id];for(let Y in V){let P=V[Y];for(let X in P){let K=P[X];for(let G in K)d(K[G].object),delete K[G];delete P[X]}}delete n[N.id]}function g(N){for(let V in n){let Y=n[V];for(let P in Y){let X=Y[P];if(X[N.id]===void 0)continue;let K=X[N.id];for(let G in K)d(K[G].object),delete K[G];delete X[N.id]}}}function w(N){for(let V in n){let Y=n[V],P=N.isInstancedMesh===!0?N.id:0,X=Y[P];if(X!==void 0){for(let K in X){let G=X[K];for(let ne in G)d(G[ne].object),delete G[ne];delete X[K]}delete Y[P],Object.keys(Y).length===0&&delete n[V]}}}function B(){I(),r=!0,a!==s&&(a=s,l(a.object))}function I(){s.geometry=null,s.program=null,s.wireframe=!1}return{setup:o,reset:B,resetDefaultState:I,dispose:A,releaseStatesOfGeometry:T,releaseStatesOfObject:w,releaseStatesOfProgram:g,initAttributes:y,enableAttribute:p,disableUnusedAttributes:v}}function bm(i,e,t){let n;function s(c){n=c}function a(c,l){i.drawArrays(n,c,l),t.update(l,n,1)}function r(c,l,d){d!==0&&(i.drawArraysInstanced(n,c,l,d),t.update(l,n,d))}function o(c,l,d){if(d===0)return;e.get("WEBGL_multi_draw").multiDrawArraysWEBGL(n,c,0,l,0,d);let f=0;for(let u=0;u<d;u++)f+=l[u];t.update(f,n,1)}this.setMode=s,this.render=a,this.renderInstances=r,this.renderMultiDraw=o}function gm(i,e,t,n){let s;function a(){if(s!==void 0)return s;if(e.has("EXT_texture_filter_anisotropic")===!0){let g=e.get("EXT_texture_filter_anisotropic");s=i.getParameter(g.MAX_TEXTURE_MAX_ANISOTROPY_EXT)}else s=0;return s}function r(g){return!(g!==un&&n.convert(g)!==i.getParameter(i.IMPLEMENTATION_COLOR_READ_FORMAT))}function o(g){let w=g===hn&&(e.has("EXT_color_buffer_half_float")||e.has("EXT_color_buffer_float"));return!(g!==Vt&&g!==fn&&!w&&n.convert(g)!==i.getParameter(i.IMPLEMENTATION_COLOR_READ_TYPE))}function c(g){if(g==="highp"){if(i.getShaderPrecisionFormat(i.VERTEX_SHADER,i.HIGH_FLOAT).precision>0&&i.getShaderPrecisionFormat(i.FRAGMENT_SHADER,i.HIGH_FLOAT).precision>0)return"highp";g="mediump"}return g==="mediump"&&i.getShaderPrecisionFormat(i.VERTEX_SHADER,i.MEDIUM_FLOAT).precision>0&&i.getShaderPrecisionFormat(i.FRAGMENT_SHADER,i.MEDIUM_FLOAT).precision>0?"mediump":"lowp"}let l=t.precision!==void 0?t.precision:"highp",d=c(l);d!==l&&(Te("WebGLRenderer:",l,"not supported, using",d,"instead."),l=d);let h=t.reversedDepthBuffer===!0&&e.has("EXT_clip_control"),f=t.logarithmicDepthBuffer===!0&&h===!1;t.reversedDepthBuffer===!0&&h===!1&&Te("WebGLRenderer: Unable to use reversed depth buffer due to missing EXT_clip_control extension. Fallback to default depth buffer."),t.logarithmicDepthBuffer===!0&&h===!0&&Te("WebGLRenderer: Logarithmic depth buffer is ignored when reversed depth buffer is enabled.");let u=i.getParameter(i.MAX_TEXTURE_IMAGE_UNITS),b=i.getParameter(i.MAX_VERTEX_TEXTURE_IMAGE_UNITS),y=i.getParameter(i.MAX_TEXTURE_SIZE),p=i.getParameter(i.MAX_CUBE_MAP_TEXTURE_SIZE),m=i.getParameter(i.MAX_VERTEX_ATTRIBS),v=i.getParameter(i.MAX_VERTEX_UNIFORM_VECTORS),E=i.getParameter(i.MAX_VARYING_VECTORS),M=i.getParameter(i.MAX_FRAGMENT_UNIFORM_VECTORS),A=i.getParameter(i.MAX_SAMPLES),T=i.getParameter(i.SAMPLES);return{isWebGL2:!0,getMaxAnisotropy:a,getMaxPrecision:c,textureFormatReadable:r,textureTypeReadable:o,precision:l,logarithmicDepthBuffer:f,reversedDepthBuffer:h,maxTextures:u,maxVertexTextures:b,maxTextureSize:y,maxCubemapSize:p,maxAttributes:m,maxVertexUniforms:v,maxVaryings:E,maxFragmentUniforms:M,maxSamples:A,samples:T}}function _m(i){let e=this,t=null,n=0,s=!1,a=!1,r=new qt,o=new Le,c={value:null,needsUpdate:!1};this.uniform=c,this.numPlanes=0,this.numIntersection=0,this.init=function(h,f){let u=h.length!==0||f||n!==0||s;return s=f,n=h.length,u},this.beginShadows=function(){a=!0,d(null)},this.endShadows=function(){a=!1},this.setGlobalState=function(h,f){t=d(h,f,0)},this.setState=function(h,f,u){let b=h.clippingPlanes,y=h.clipIntersection,p=h.clipShadows,m=i.get(h);if(!s||b===null||b.length===0||a&&!p)a?d(null):l();else{let v=a?0:n,E=v*4,M=m.clippingState||null;c.value=M,M=d(b,f,E,u);for(let A=0;A!==E;++A)M[A]=t[A];m.clippingState=M,this.numIntersection=y?this.numPlanes:0,this.numPlanes+=v}};function l(){c.value!==t&&(c.value=t,c.needsUpdate=n>0),e.numPlanes=n,e.numIntersection=0}function d(h,f,u,b){let y=h!==null?h.length:0,p=null;if(y!==0){if(p=c.value,b!==!0||p===null){let m=u+y*4,v=f.matrixWorldInverse;o.getNormalMatrix(v),(p===null||p.length<m)&&(p=new Float32Array(m));for(let E=0,M=u;E!==y;++E,M+=4)r.copy(h[E]).applyMatrix4(v,o),r.normal.toArray(p,M),p[M+3]=r.constant}c.value=p,c.needsUpdate=!0}return e.numPlanes=y,e.numIntersection=0,p}}var ta=class extends Zt{constructor(e=1,t={}){super(e,e,t),this.isWebGLCubeRenderTarget=!0;let n={width:e,height:e,depth:1},s=[n,n,n,n,n,n];this.texture=new Ns(s),this._setTextureOptions(t),this.texture.isRenderTargetTexture=!0}fromEquirectangularTexture(e,t){this.texture.type=t.type,this.texture.colorSpace=t.colorSpace,this.texture.generateMipmaps=t.generateMipmaps,this.texture.minFilter=t.minFilter,this.texture.magFilter=t.magFilter;let n={uniforms:{tEquirect:{value:null}},vertexShader:`

				varying vec3 vWorldDirection;

				vec3 transformDirection( in vec3 dir, in mat4 matrix ) {

					return normalize( ( matrix * vec4( dir, 0.0 ) ).xyz );

				}

				void main() {

					vWorldDirection = transformDirection( position, modelMatrix );

					#include <begin_vertex>
					#include <project_vertex>

				}
			`,fragmentShader:`

				uniform sampler2D tEquirect;

				varying vec3 vWorldDirection;

				#include <common>

				void main() {

					vec3 direction = normalize( vWorldDirection );

					vec2 sampleUV = equirectUv( direction );

					gl_FragColor = texture2D( tEquirect, sampleUV );

				}
			`},s=new ns(5,5,5),a=new xn({name:"CubemapFromEquirect",uniforms:Ei(n.uniforms),vertexShader:n.vertexShader,fragmentShader:n.fragmentShader,side:Ut,blending:vi});a.uniforms.tEquirect.value=t;let r=new kt(s,a),o=t.minFilter;return t.minFilter===Fn&&(t.minFilter=Dt),new is(1,10,this).update(e,r),t.minFilter=o,r.geometry.dispose(),r.material.dispose(),this}clear(e,t=!0,n=!0,s=!0){let a=e.getRenderTarget();for(let r=0;r<6;r++)e.setRenderTarget(this,r),e.clear(t,n,s);e.setRenderTarget(a)}},ff=256,xm=3,ym=20,Df=256,Uf=16,vm=3,Mm=new D,Sm=new Ge,io=class i{constructor(e){this._renderer=e,this._cubeSize=0,this._sourceTarget=null,this._cubeCamera=new is(1,10,null),this._boxMesh=new kt(new ns(5,5,5),null),this._cubemapMaterial=null,this._equirectMaterial=null,this._blurMaterial=null,this._ggxMaterial=null,this._integrationMaterial=null}fromScene(e,t=0,n=.1,s=100,a={}){let{size:r=256,position:o=Mm}=a,c=this._renderer;this._setSize(r);let l=this._allocateTarget(),d=this._getSourceTarget(!0);t>0&&(d.texture.mipmapsAutoUpdate=!1);let h=c.autoClear,f=c.autoClearColor,u=c.autoClearDepth,b=c.autoClearStencil,y=e.background;c.autoClear=!0,c.autoClearColor=!0,c.autoClearDepth=!0,c.autoClearStencil=!0,y===null&&(e.background=c.getClearColor(Sm));let p=new is(n,s,d);return p.position.copy(o),p.update(c,e),c.autoClear=h,c.autoClearColor=f,c.autoClearDepth=u,c.autoClearStencil=b,e.background=y,t>0&&(d.texture.mipmapsAutoUpdate=!0,this._blur(l,t)),this._applyPMREM(l),l}fromEquirectangular(e,t=null){return this._fromTexture(e,t)}fromCubemap(e,t=null){return this._fromTexture(e,t)}compileCubemapShader(){this._cubemapMaterial===null&&(this._cubemapMaterial=pf(),this._compileMaterial(this._cubemapMaterial))}compileEquirectangularShader(){this._equirectMaterial===null&&(this._equirectMaterial=uf(),this._compileMaterial(this._equirectMaterial))}dispose(){this._sourceTarget!==null&&this._sourceTarget.dispose(),this._cubemapMaterial!==null&&this._cubemapMaterial.dispose(),this._equirectMaterial!==null&&this._equirectMaterial.dispose(),this._blurMaterial!==null&&this._blurMaterial.dispose(),this._ggxMaterial!==null&&this._ggxMaterial.dispose(),this._integrationMaterial!==null&&this._integrationMaterial.dispose(),this._boxMesh.geometry.dispose()}static lodToRoughness(e,t){return t>0?1-Math.sqrt(1-e/t):0}_setSize(e){this._cubeSize=Math.max(ff,Dc(e))}_fromTexture(e,t){e.mapping===Si||e.mapping===os?this._setSize(e.image.length===0?ff:e.image[0].width||e.image[0].image.width):this._setSize(e.image.width/4);let n=t||this._allocateTarget();return this._textureToCubemap(e),this._applyPMREM(n),n}_allocateTarget(){let e=this._cubeSize,t=hf(e,!1,!1),n=Math.log2(e)-xm;for(let s=0;s<=n;s++)t.texture.mipmaps.push({width:e>>s,height:e>>s});return t.texture.name="PMREM",t.texture.isPMREMTexture=!0,t}_getSourceTarget(e=!1){let t=this._cubeSize,n=this._sourceTarget;return(n===null||n.width!==t||e&&n.depthBuffer===!1)&&(n!==null&&n.dispose(),this._sourceTarget=hf(t,!0,e)),this._sourceTarget}_compileMaterial(e){this._boxMesh.material=e,this._renderer.compile(this._boxMesh,this._cubeCamera.children[0])}_renderCube(e,t,n){let s=this._boxMesh,a=this._cubeCamera;s.material=n,a.renderTarget=e,a.activeMipmapLevel=t;let r=e.width>>t;e.viewport.set(0,0,r,r),a.update(this._renderer,s),e.viewport.set(0,0,e.width,e.height)}_textureToCubemap(e){let t;e.mapping===Si||e.mapping===os?(this._cubemapMaterial===null&&(this._cubemapMaterial=pf()),t=this._cubemapMaterial,t.uniforms.flipEnvMap.value=e.isRenderTargetTexture===!1?-1:1):(this._equirectMaterial===null&&(this._equirectMaterial=uf()),t=this._equirectMaterial),t.uniforms.envMap.value=e,this._renderCube(this._getSourceTarget(),0,t)}_applyPMREM(e){this._ggxMaterial===null&&(this._ggxMaterial=wm(),this._integrationMaterial=Em());let t=this._cubeSize,n=e.texture.mipmaps.length-1,s=this._ggxMaterial.uniforms;s.envMap.value=this._sourceTarget.texture;let a=this._integrationMaterial.uniforms;a.envMap.value=this._sourceTarget.texture,a.sourceLod.value=Math.log2(t/Uf);for(let r=0;r<=n;r++){let o=i.lodToRoughness(r,n);if(r>n-vm)a.roughness.value=o,this._renderCube(e,r,this._integrationMaterial);else{let c=o>0?Math.log2(t)+.5*Math.log2(6/(Df*Math.pow(o,4)))+.5:0;s.roughness.value=o,s.lodBias.value=c,this._renderCube(e,r,this._ggxMaterial)}}}_blur(e,t){this._blurMaterial===null&&(this._blurMaterial=Tm());let n=this._blurMaterial,s=n.uniforms,a=this._sourceTarget;s.sigma.value=Math.min(t,Math.PI)/Math.SQRT2,s.envMap.value=a.texture,this._renderCube(e,0,n),s.envMap.value=e.texture,this._renderCube(a,0,n)}};function hf(i,e,t){return new ta(i,{minFilter:Fn,generateMipmaps:e,type:hn,colorSpace:yi,depthBuffer:t})}function na(i,e,t){return new xn({name:i,uniforms:e,vertexShader:ze.cube_vert,fragmentShader:t,side:Ut,blending:vi,depthTest:!1,depthWrite:!1})}function wm(){return na("PMREMGGXConvolution",{envMap:{value:null},roughness:{value:0},lodBias:{value:0}},`

		#define GGX_SAMPLES ${Df}u

		varying vec3 vWorldDirection;

		uniform samplerCube envMap;
		uniform float roughness;
		uniform float lodBias;

		#include <common>

		// Van der Corput radical inverse
		float radicalInverse_VdC( uint bits ) {

			bits = ( bits << 16u ) | ( bits >> 16u );
			bits = ( ( bits & 0x55555555u ) << 1u ) | ( ( bits & 0xAAAAAAAAu ) >> 1u );
			bits = ( ( bits & 0x33333333u ) << 2u ) | ( ( bits & 0xCCCCCCCCu ) >> 2u );
			bits = ( ( bits & 0x0F0F0F0Fu ) << 4u ) | ( ( bits & 0xF0F0F0F0u ) >> 4u );
			bits = ( ( bits & 0x00FF00FFu ) << 8u ) | ( ( bits & 0xFF00FF00u ) >> 8u );
			return float( bits ) * 2.3283064365386963e-10; // / 0x100000000

		}

		// Hammersley sequence
		vec2 hammersley( uint i, uint N ) {

			return vec2( float( i ) / float( N ), radicalInverse_VdC( i ) );

		}

		void main() {

			vec3 N = normalize( vWorldDirection );

			// For very low roughness, just sample the environment directly
			if ( roughness < 0.001 ) {

				gl_FragColor = vec4( textureLod( envMap, N, 0.0 ).rgb, 1.0 );
				return;

			}

			float alpha = roughness * roughness;
			float alpha2 = alpha * alpha;

			// Tangent space basis for VNDF sampling
			vec3 up = abs( N.z ) < 0.999 ? vec3( 0.0, 0.0, 1.0 ) : vec3( 1.0, 0.0, 0.0 );
			vec3 tangent = normalize( cross( up, N ) );
			vec3 bitangent = cross( N, tangent );

			vec3 prefilteredColor = vec3( 0.0 );
			float totalWeight = 0.0;

			for ( uint i = 0u; i < GGX_SAMPLES; i ++ ) {

				vec2 Xi = hammersley( i, GGX_SAMPLES );

				// With V = N, sample the reflected direction directly.
				float invQ = 1.0 / ( 1.0 - Xi.x + alpha2 * Xi.x );
				float NdotL = ( 1.0 - Xi.x - alpha2 * Xi.x ) * invQ;

				if ( NdotL > 0.0 ) {

					float phi = 2.0 * PI * Xi.y;
					float sinTheta = 2.0 * alpha * sqrt( Xi.x * ( 1.0 - Xi.x ) ) * invQ;
					vec3 L = N * NdotL + ( tangent * cos( phi ) + bitangent * sin( phi ) ) * sinTheta;

					// Match the source mip to the sample's solid angle. The terms
					// independent of the sample are precomputed in lodBias.
					float d = alpha2 * invQ;
					float lod = max( log2( d ) + lodBias, 0.0 );

					// Weight by NdotL for the split-sum approximation
					prefilteredColor += textureLod( envMap, L, lod ).rgb * NdotL;
					totalWeight += NdotL;

				}

			}

			gl_FragColor = vec4( prefilteredColor / totalWeight, 1.0 );

		}
	`)}function Em(){return na("PMREMGGXIntegration",{envMap:{value:null},roughness:{value:0},sourceLod:{value:0},sourceSize:{value:Uf}},`

		varying vec3 vWorldDirection;

		uniform samplerCube envMap;
		uniform float roughness;
		uniform float sourceLod;
		uniform int sourceSize;

		void main() {

			vec3 N = normalize( vWorldDirection );

			float alpha = roughness * roughness;
			float alpha2 = alpha * alpha;

			float texelSize = 2.0 / float( sourceSize );

			vec3 prefilteredColor = vec3( 0.0 );
			float totalWeight = 0.0;

			// Pair opposite texels: only the one in N's hemisphere contributes.
			for ( int face = 0; face < 3; face ++ ) {

				for ( int y = 0; y < sourceSize; y ++ ) {

					for ( int x = 0; x < sourceSize; x ++ ) {

						vec2 uv = ( vec2( x, y ) + 0.5 ) * texelSize - 1.0;
						vec3 texelDirection = face == 0 ? vec3( 1.0, uv ) : ( face == 1 ? vec3( uv.x, 1.0, uv.y ) : vec3( uv, 1.0 ) );

						float invDistance = inversesqrt( 1.0 + dot( uv, uv ) );
						float NdotL = dot( N, texelDirection );
						texelDirection *= NdotL < 0.0 ? - 1.0 : 1.0;
						NdotL = abs( NdotL ) * invDistance;

						// With V = N, NdotH squared is ( 1 + NdotL ) / 2. Common factors
						// in the GGX distribution and texel solid angle cancel when normalized.
						float d = 1.0 + alpha2 + ( alpha2 - 1.0 ) * NdotL;
						float weight = NdotL * invDistance * invDistance * invDistance / ( d * d );

						prefilteredColor += textureLod( envMap, texelDirection, sourceLod ).rgb * weight;
						totalWeight += weight;

					}

				}

			}

			gl_FragColor = vec4( prefilteredColor / totalWeight, 1.0 );

		}
	`)}function Tm(){return na("PMREMSphericalGaussianBlur",{envMap:{value:null},sigma:{value:0}},`

		#define SAMPLES ${ym}
		#define GOLDEN_ANGLE 2.39996322973

		varying vec3 vWorldDirection;

		uniform samplerCube envMap;
		uniform float sigma;

		#include <common>

		void main() {

			vec3 outputDirection = normalize( vWorldDirection );

			vec3 up = abs( outputDirection.z ) < 0.999 ? vec3( 0.0, 0.0, 1.0 ) : vec3( 1.0, 0.0, 0.0 );
			vec3 tangent = normalize( cross( up, outputDirection ) );
			vec3 bitangent = cross( outputDirection, tangent );

			// Truncate the kernel at three standard deviations or at the antipode.
			float thetaMax = min( 3.0 * sigma, PI );
			float truncation = 1.0 - exp( - 0.5 * thetaMax * thetaMax / ( sigma * sigma ) );

			vec3 accumColor = vec3( 0.0 );
			float accumWeight = 0.0;

			for ( int i = 0; i < SAMPLES; i ++ ) {

				// Stratified inverse-CDF sampling of the Gaussian, placed on a golden-angle spiral.
				float stratum = ( float( i ) + 0.5 ) / float( SAMPLES );
				float theta = sigma * sqrt( - 2.0 * log( 1.0 - stratum * truncation ) );
				float phi = float( i ) * GOLDEN_ANGLE;

				vec3 offset = cos( phi ) * tangent + sin( phi ) * bitangent;
				vec3 sampleDirection = cos( theta ) * outputDirection + sin( theta ) * offset;

				// Correct the planar sample density to solid angle.
				float weight = sin( theta ) / theta;

				accumColor += weight * textureLod( envMap, sampleDirection, 0.0 ).rgb;
				accumWeight += weight;

			}

			gl_FragColor = vec4( accumColor / accumWeight, 1.0 );

		}
	`)}function uf(){return na("PMREMEquirectangularToCubemap",{envMap:{value:null}},`

		varying vec3 vWorldDirection;

		uniform sampler2D envMap;

		#include <common>

		void main() {

			// Average four subpixel samples to preserve small, bright features.
			vec3 direction = normalize( vWorldDirection );
			vec3 dx = dFdx( direction ) * 0.25;
			vec3 dy = dFdy( direction ) * 0.25;

			vec3 color = textureLod( envMap, equirectUv( normalize( direction - dx - dy ) ), 0.0 ).rgb;
			color += textureLod( envMap, equirectUv( normalize( direction + dx - dy ) ), 0.0 ).rgb;
			color += textureLod( envMap, equirectUv( normalize( direction - dx + dy ) ), 0.0 ).rgb;
			color += textureLod( envMap, equirectUv( normalize( direction + dx + dy ) ), 0.0 ).rgb;
			gl_FragColor = vec4( color * 0.25, 1.0 );

		}
	`)}function pf(){return na("PMREMCubemapToCubemap",{envMap:{value:null},flipEnvMap:{value:-1}},`

		varying vec3 vWorldDirection;

		uniform samplerCube envMap;
		uniform float flipEnvMap;

		void main() {

			gl_FragColor = vec4( textureCube( envMap, vec3( flipEnvMap * vWorldDirection.x, vWorldDirection.yz ) ).rgb, 1.0 );

		}
	`)}function Am(i){let e=new WeakMap,t=new WeakMap,n=null;function s(f,u=!1){return f==null?null:u?r(f):a(f)}function a(f){if(f&&f.isTexture){let u=f.mapping;if(u===mr||u===br)if(e.has(f)){let b=e.get(f).texture;return o(b,f.mapping)}else{let b=f.image;if(b&&b.height>0){let y=new ta(b.height);return y.fromEquirectangularTexture(i,f),e.set(f,y),f.addEventListener("dispose",l),o(y.texture,f.mapping)}else return null}}return f}function r(f){if(f&&f.isTexture&&f.isPMREMTexture!==!0){let u=f.mapping,b=u===mr||u===br,y=u===Si||u===os;if(b||y){let p=t.get(f),m=p!==void 0?p.texture.pmremVersion:0;if(f.isRenderTargetTexture&&f.pmremVersion!==m)return n===null&&(n=new io(i)),p=b?n.fromEquirectangular(f,p):n.fromCubemap(f,p),p.texture.pmremVersion=f.pmremVersion,t.set(f,p),p.texture;if(p!==void 0)return p.texture;{let v=f.image;return b&&v&&v.height>0||y&&v&&c(v)?(n===null&&(n=new io(i)),p=b?n.fromEquirectangular(f):n.fromCubemap(f),p.texture.pmremVersion=f.pmremVersion,t.set(f,p),f.addEventListener("dispose",d),p.texture):null}}}return f}function o(f,u){return u===mr?f.mapping=Si:u===br&&(f.mapping=os),f}function c(f){let u=0,b=6;for(let y=0;y<b;y++)f[y]!==void 0&&u++;return u===b}function l(f){let u=f.target;u.removeEventListener("dispose",l);let b=e.get(u);b!==void 0&&(e.delete(u),b.dispose())}function d(f){let u=f.target;u.removeEventListener("dispose",d);let b=t.get(u);b!==void 0&&(t.delete(u),b.dispose())}function h(){e=new WeakMap,t=new WeakMap,n!==null&&(n.dispose(),n=null)}return{get:s,dispose:h}}function Cm(i){let e={};function t(n){if(e[n]!==void 0)return e[n];let s=i.getExtension(n);return e[n]=s,s}return{has:function(n){return t(n)!==null},init:function(){t("EXT_color_buffer_float"),t("WEBGL_clip_cull_distance"),t("OES_texture_float_linear"),t("EXT_color_buffer_half_float"),t("WEBGL_multisampled_render_to_texture"),t("WEBGL_render_shared_exponent")},get:function(n){let s=t(n);return s===null&&Ss("WebGLRenderer: "+n+" extension not supported."),s}}}function Rm(i,e,t,n){let s={},a=new WeakMap,r=new FinalizationRegistry(b=>delete s[b]);function o(b){c(b.target)}function c(b){b.index!==null&&e.remove(b.index);for(let p in b.attributes)e.remove(b.attributes[p]);b.removeEventListener("dispose",o),delete s[b.id],r.unregister(b);let y=a.get(b);y&&(e.remove(y),a.delete(b)),n.releaseStatesOfGeometry(b),b.isInstancedBufferGeometry===!0&&delete b._maxInstanceCount,t.memory.geometries--}function l(b,y){return s[y.id]!==void 0||(y.addEventListener("dispose",o),s[y.id]=new WeakRef(y),r.register(y,y.id,y),t.memory.geometries++),y}function d(b){let y=b.attributes;for(let p in y)e.update(y[p],i.ARRAY_BUFFER)}function h(b){let y=b.index,p=b.attributes.position,m=0;if(p===void 0)return;let v=y!==null?y.array.length:p.array.length/3-1,E=p.count>=65535?Ls:Is,M=new E(Math.ceil(v/3)*6,1),A=M.array;if(y!==null){let g=y.array;m=y.version;for(let w=0,B=0;w<v;w+=3){let I=g[w+0],N=g[w+1],V=g[w+2];A[B++]=I,A[B++]=N,A[B++]=N,A[B++]=V,A[B++]=V,A[B++]=I}}else{m=p.version;for(let g=0,w=0;g<v;g+=3){let B=g+0,I=g+1,N=g+2;A[w++]=B,A[w++]=I,A[w++]=I,A[w++]=N,A[w++]=N,A[w++]=B}}M.version=m;let T=a.get(b);T&&e.remove(T),a.set(b,M)}function f(b){let y=a.get(b);if(y){let p=b.index;p!==null&&y.version<p.version&&h(b)}else h(b);return a.get(b)}function u(){for(let b in s){let y=s[b].deref();y!==void 0&&c(y)}}return{get:l,update:d,getWireframeAttribute:f,dispose:u}}function Pm(i,e,t){let n;function s(h){n=h}let a,r;function o(h){a=h.type,r=h.bytesPerElement}function c(h,f){i.drawElements(n,f,a,h*r),t.update(f,n,1)}function l(h,f,u){u!==0&&(i.drawElementsInstanced(n,f,a,h*r,u),t.update(f,n,u))}function d(h,f,u){if(u===0)return;e.get("WEBGL_multi_draw").multiDrawElementsWEBGL(n,f,0,a,h,0,u);let y=0;for(let p=0;p<u;p++)y+=f[p];t.update(y,n,1)}this.setMode=s,this.setIndex=o,this.render=c,this.renderInstances=l,this.renderMultiDraw=d}function Im(i){let e={geometries:0,textures:0},t={frame:0,calls:0,triangles:0,points:0,lines:0};function n(a,r,o){switch(t.calls++,r){case i.TRIANGLES:t.triangles+=o*(a/3);break;case i.LINES:t.lines+=o*(a/2);break;case i.LINE_STRIP:t.lines+=o*(a-1);break;case i.LINE_LOOP:t.lines+=o*a;break;case i.POINTS:t.points+=o*a;break;default:Ie("WebGLInfo: Unknown draw mode:",r);break}}function s(){t.calls=0,t.triangles=0,t.points=0,t.lines=0}return{memory:e,render:t,programs:null,autoReset:!0,reset:s,update:n}}function Lm(i,e,t){let n=new WeakMap,s=new ot;function a(r,o,c){let l=r.morphTargetInfluences,d=o.morphAttributes.position||o.morphAttributes.normal||o.morphAttributes.color,h=d!==void 0?d.length:0,f=n.get(o);if(f===void 0||f.count!==h){let B=function(){g.dispose(),n.delete(o),o.removeEventListener("dispose",B)};f!==void 0&&f.texture.dispose();let u=o.morphAttributes.position!==void 0,b=o.morphAttributes.normal!==void 0,y=o.morphAttributes.color!==void 0,p=o.morphAttributes.position||[],m=o.morphAttributes.normal||[],v=o.morphAttributes.color||[],E=0;u===!0&&(E=1),b===!0&&(E=2),y===!0&&(E=3);let M=o.attributes.position.count*E,A=1;M>e.maxTextureSize&&(A=Math.ceil(M/e.maxTextureSize),M=e.maxTextureSize);let T=new Float32Array(M*A*4*h),g=new Rs(T,M,A,h);g.type=fn,g.needsUpdate=!0;let w=E*4;for(let I=0;I<h;I++){let N=p[I],V=m[I],Y=v[I],P=M*A*4*I;for(let X=0;X<N.count;X++){let K=X*w;u===!0&&(s.fromBufferAttribute(N,X),T[P+K+0]=s.x,T[P+K+1]=s.y,T[P+K+2]=s.z,T[P+K+3]=0),b===!0&&(s.fromBufferAttribute(V,X),T[P+K+4]=s.x,T[P+K+5]=s.y,T[P+K+6]=s.z,T[P+K+7]=0),y===!0&&(s.fromBufferAttribute(Y,X),T[P+K+8]=s.x,T[P+K+9]=s.y,T[P+K+10]=s.z,T[P+K+11]=Y.itemSize===4?s.w:1)}}f={count:h,texture:g,size:new Re(M,A)},n.set(o,f),o.addEventListener("dispose",B)}if(r.isInstancedMesh===!0&&r.morphTexture!==null)c.getUniforms().setValue(i,"morphTexture",r.morphTexture,t);else{let u=0;for(let y=0;y<l.length;y++)u+=l[y];let b=o.morphTargetsRelative?1:1-u;c.getUniforms().setValue(i,"morphTargetBaseInfluence",b),c.getUniforms().setValue(i,"morphTargetInfluences",l)}c.getUniforms().setValue(i,"morphTargetsTexture",f.texture,t),c.getUniforms().setValue(i,"morphTargetsTextureSize",f.size)}return{update:a}}function Nm(i,e,t,n,s){let a=new WeakMap;function r(l){let d=s.render.frame,h=l.geometry,f=e.get(l,h);if(a.get(f)!==d&&(e.update(f),a.set(f,d)),l.isInstancedMesh&&(l.hasEventListener("dispose",c)===!1&&l.addEventListener("dispose",c),a.get(l)!==d&&(t.update(l.instanceMatrix,i.ARRAY_BUFFER),l.instanceColor!==null&&t.update(l.instanceColor,i.ARRAY_BUFFER),a.set(l,d))),l.isSkinnedMesh){let u=l.skeleton;a.get(u)!==d&&(u.update(),a.set(u,d))}return f}function o(){a=new WeakMap}function c(l){let d=l.target;d.removeEventListener("dispose",c),n.releaseStatesOfObject(d),t.remove(d.instanceMatrix),d.instanceColor!==null&&t.remove(d.instanceColor)}return{update:r,dispose:o}}var Dm={[uc]:"LINEAR_TONE_MAPPING",[pc]:"REINHARD_TONE_MAPPING",[mc]:"CINEON_TONE_MAPPING",[bc]:"ACES_FILMIC_TONE_MAPPING",[_c]:"AGX_TONE_MAPPING",[xc]:"NEUTRAL_TONE_MAPPING",[gc]:"CUSTOM_TONE_MAPPING"};function Um(i,e,t,n,s,a){let r=new Zt(e,t,{type:i,depthBuffer:s,stencilBuffer:a,samples:n?4:0,storeMultisampledDepthBuffer:!1,storeMultisampledStencilBuffer:!1,resolveDepthBuffer:!1,resolveStencilBuffer:!1}),o=null,c=null,l=null,d=new zt;d.setAttribute("position",new Ft([-1,3,0,-1,-1,0,3,-1,0],3)),d.setAttribute("uv",new Ft([0,2,0,0,2,0],2));let h=new Qa({uniforms:{tDiffuse:{value:null}},vertexShader:`
			precision highp float;

			uniform mat4 modelViewMatrix;
			uniform mat4 projectionMatrix;

			attribute vec3 position;
			attribute vec2 uv;

			varying vec2 vUv;

			void main() {
				vUv = uv;
				gl_Position = projectionMatrix * modelViewMatrix * vec4( position, 1.0 );
			}`,fragmentShader:`
			precision highp float;

			uniform sampler2D tDiffuse;

			varying vec2 vUv;

			#include <tonemapping_pars_fragment>
			#include <colorspace_pars_fragment>

			void main() {
				gl_FragColor = texture2D( tDiffuse, vUv );

				#ifdef LINEAR_TONE_MAPPING
					gl_FragColor.rgb = LinearToneMapping( gl_FragColor.rgb );
				#elif defined( REINHARD_TONE_MAPPING )
					gl_FragColor.rgb = ReinhardToneMapping( gl_FragColor.rgb );
				#elif defined( CINEON_TONE_MAPPING )
					gl_FragColor.rgb = CineonToneMapping( gl_FragColor.rgb );
				#elif defined( ACES_FILMIC_TONE_MAPPING )
					gl_FragColor.rgb = ACESFilmicToneMapping( gl_FragColor.rgb );
				#elif defined( AGX_TONE_MAPPING )
					gl_FragColor.rgb = AgXToneMapping( gl_FragColor.rgb );
				#elif defined( NEUTRAL_TONE_MAPPING )
					gl_FragColor.rgb = NeutralToneMapping( gl_FragColor.rgb );
				#elif defined( CUSTOM_TONE_MAPPING )
					gl_FragColor.rgb = CustomToneMapping( gl_FragColor.rgb );
				#endif

				#ifdef SRGB_TRANSFER
					gl_FragColor = sRGBTransferOETF( gl_FragColor );
				#endif
			}`,depthTest:!1,depthWrite:!1}),f=new kt(d,h),u=new oi(-1,1,1,-1,0,1),b=null,y=null,p=!1,m,v=null,E=[],M=!1;this.setSize=function(A,T){r.setSize(A,T),o!==null&&o.setSize(A,T),c!==null&&c.setSize(A,T);for(let g=0;g<E.length;g++){let w=E[g];w.setSize&&w.setSize(A,T)}},this.setEffects=function(A){E=A,M=E.length>0&&E[0].isRenderPass===!0;let T=r.width,g=r.height;E.length>0&&o===null&&(o=new Zt(T,g,{type:hn,depthBuffer:!1,stencilBuffer:!1}),c=new Zt(T,g,{type:hn,depthBuffer:!1,stencilBuffer:!1}));let w=s===!0&&E.some(B=>B.needsDepthTexture===!0);w!==(r.depthTexture!==null)&&(w===!0&&l===null&&(l=new On(T,g),a===!0&&(l.format=Bn,l.type=wi)),r.dispose(),r.depthTexture=w?l:null,r.resolveDepthBuffer=w,r.storeMultisampledDepthBuffer=w);for(let B=0;B<E.length;B++){let I=E[B];I.setSize&&I.setSize(T,g),w&&I.needsDepthTexture===!0&&I.setDepthTexture&&I.setDepthTexture(l)}},this.begin=function(A,T){if(p||A.toneMapping===vn&&E.length===0)return!1;if(v=T,T!==null){let g=T.width,w=T.height;(r.width!==g||r.height!==w)&&this.setSize(g,w)}return M===!1&&A.setRenderTarget(r),m=A.toneMapping,A.toneMapping=vn,!0},this.hasRenderPass=function(){return M},this.end=function(A,T){A.toneMapping=m,p=!0;let g=r,w=o;for(let B=0;B<E.length;B++){let I=E[B];I.enabled!==!1&&(I.render(A,w,g,T),I.needsSwap!==!1&&(g=w,w=w===o?c:o))}if(b!==A.outputColorSpace||y!==A.toneMapping){b=A.outputColorSpace,y=A.toneMapping,h.defines={},ke.getTransfer(b)===Ze&&(h.defines.SRGB_TRANSFER="");let B=Dm[y];B&&(h.defines[B]=""),h.needsUpdate=!0}h.uniforms.tDiffuse.value=g.texture,A.setRenderTarget(v),A.render(f,u),v=null,p=!1},this.isCompositing=function(){return p},this.dispose=function(){r.dispose(),o!==null&&o.dispose(),c!==null&&c.dispose(),d.dispose(),h.dispose()}}var Of=new Bt,Ff=new On(1,1),Bf=new Ds(1),zf=new Rs,kf=new Ya,Vf=new Ns,mf=[],bf=[],gf=new Float32Array(16),_f=new Float32Array(9),xf=new Float32Array(4);function fs(i,e,t){let n=i[0];if(n<=0||n>0)return i;let s=e*t,a=mf[s];if(a===void 0&&(a=new Float32Array(s),mf[s]=a),e!==0){n.toArray(a,0);for(let r=1,o=0;r!==e;++r)o+=t,i[r].toArray(a,o)}return a}function gt(i,e){if(i.length!==e.length)return!1;for(let t=0,n=i.length;t<n;t++)if(i[t]!==e[t])return!1;return!0}function _t(i,e){for(let t=0,n=e.length;t<n;t++)i[t]=e[t]}function ao(i,e){let t=bf[e];t===void 0&&(t=new Int32Array(e),bf[e]=t);for(let n=0;n!==e;++n)t[n]=i.allocateTextureUnit();return t}function Om(i,e){let t=this.cache;t[0]!==e&&(i.uniform1f(this.addr,e),t[0]=e)}function Fm(i,e){let t=this.cache;if(e.x!==void 0)(t[0]!==e.x||t[1]!==e.y)&&(i.uniform2f(this.addr,e.x,e.y),t[0]=e.x,t[1]=e.y);else{if(gt(t,e))return;i.uniform2fv(this.addr,e),_t(t,e)}}function Bm(i,e){let t=this.cache;if(e.x!==void 0)(t[0]!==e.x||t[1]!==e.y||t[2]!==e.z)&&(i.uniform3f(this.addr,e.x,e.y,e.z),t[0]=e.x,t[1]=e.y,t[2]=e.z);else if(e.r!==void 0)(t[0]!==e.r||t[1]!==e.g||t[2]!==e.b)&&(i.uniform3f(this.addr,e.r,e.g,e.b),t[0]=e.r,t[1]=e.g,t[2]=e.b);else{if(gt(t,e))return;i.uniform3fv(this.addr,e),_t(t,e)}}function zm(i,e){let t=this.cache;if(e.x!==void 0)(t[0]!==e.x||t[1]!==e.y||t[2]!==e.z||t[3]!==e.w)&&(i.uniform4f(this.addr,e.x,e.y,e.z,e.w),t[0]=e.x,t[1]=e.y,t[2]=e.z,t[3]=e.w);else{if(gt(t,e))return;i.uniform4fv(this.addr,e),_t(t,e)}}function km(i,e){let t=this.cache,n=e.elements;if(n===void 0){if(gt(t,e))return;i.uniformMatrix2fv(this.addr,!1,e),_t(t,e)}else{if(gt(t,n))return;xf.set(n),i.uniformMatrix2fv(this.addr,!1,xf),_t(t,n)}}function Vm(i,e){let t=this.cache,n=e.elements;if(n===void 0){if(gt(t,e))return;i.uniformMatrix3fv(this.addr,!1,e),_t(t,e)}else{if(gt(t,n))return;_f.set(n),i.uniformMatrix3fv(this.addr,!1,_f),_t(t,n)}}function Gm(i,e){let t=this.cache,n=e.elements;if(n===void 0){if(gt(t,e))return;i.uniformMatrix4fv(this.addr,!1,e),_t(t,e)}else{if(gt(t,n))return;gf.set(n),i.uniformMatrix4fv(this.addr,!1,gf),_t(t,n)}}function Hm(i,e){let t=this.cache;t[0]!==e&&(i.uniform1i(this.addr,e),t[0]=e)}function Wm(i,e){let t=this.cache;if(e.x!==void 0)(t[0]!==e.x||t[1]!==e.y)&&(i.uniform2i(this.addr,e.x,e.y),t[0]=e.x,t[1]=e.y);else{if(gt(t,e))return;i.uniform2iv(this.addr,e),_t(t,e)}}function Xm(i,e){let t=this.cache;if(e.x!==void 0)(t[0]!==e.x||t[1]!==e.y||t[2]!==e.z)&&(i.uniform3i(this.addr,e.x,e.y,e.z),t[0]=e.x,t[1]=e.y,t[2]=e.z);else{if(gt(t,e))return;i.uniform3iv(this.addr,e),_t(t,e)}}function qm(i,e){let t=this.cache;if(e.x!==void 0)(t[0]!==e.x||t[1]!==e.y||t[2]!==e.z||t[3]!==e.w)&&(i.uniform4i(this.addr,e.x,e.y,e.z,e.w),t[0]=e.x,t[1]=e.y,t[2]=e.z,t[3]=e.w);else{if(gt(t,e))return;i.uniform4iv(this.addr,e),_t(t,e)}}function Ym(i,e){let t=this.cache;t[0]!==e&&(i.uniform1ui(this.addr,e),t[0]=e)}function $m(i,e){let t=this.cache;if(e.x!==void 0)(t[0]!==e.x||t[1]!==e.y)&&(i.uniform2ui(this.addr,e.x,e.y),t[0]=e.x,t[1]=e.y);else{if(gt(t,e))return;i.uniform2uiv(this.addr,e),_t(t,e)}}function Zm(i,e){let t=this.cache;if(e.x!==void 0)(t[0]!==e.x||t[1]!==e.y||t[2]!==e.z)&&(i.uniform3ui(this.addr,e.x,e.y,e.z),t[0]=e.x,t[1]=e.y,t[2]=e.z);else{if(gt(t,e))return;i.uniform3uiv(this.addr,e),_t(t,e)}}function Jm(i,e){let t=this.cache;if(e.x!==void 0)(t[0]!==e.x||t[1]!==e.y||t[2]!==e.z||t[3]!==e.w)&&(i.uniform4ui(this.addr,e.x,e.y,e.z,e.w),t[0]=e.x,t[1]=e.y,t[2]=e.z,t[3]=e.w);else{if(gt(t,e))return;i.uniform4uiv(this.addr,e),_t(t,e)}}function ro(i){return i.version===0&&(i.compareFunction=Pc,i.needsUpdate=!0),i}function Km(i,e,t){let n=this.cache,s=t.allocateTextureUnit();n[0]!==s&&(i.uniform1i(this.addr,s),n[0]=s);let a;this.type===i.SAMPLER_2D_SHADOW?a=ro(Ff):a=Of,t.setTexture2D(e||a,s)}function jm(i,e,t){let n=this.cache,s=t.allocateTextureUnit();n[0]!==s&&(i.uniform1i(this.addr,s),n[0]=s),t.setTexture3D(e||kf,s)}function Qm(i,e,t){let n=this.cache,s=t.allocateTextureUnit();n[0]!==s&&(i.uniform1i(this.addr,s),n[0]=s);let a;this.type===i.SAMPLER_CUBE_SHADOW?a=ro(Bf):a=Vf,t.setTextureCube(e||a,s)}function eb(i,e,t){let n=this.cache,s=t.allocateTextureUnit();n[0]!==s&&(i.uniform1i(this.addr,s),n[0]=s),t.setTexture2DArray(e||zf,s)}function tb(i){switch(i){case 5126:return Om;case 35664:return Fm;case 35665:return Bm;case 35666:return zm;case 35674:return km;case 35675:return Vm;case 35676:return Gm;case 5124:case 35670:return Hm;case 35667:case 35671:return Wm;case 35668:case 35672:return Xm;case 35669:case 35673:return qm;case 5125:return Ym;case 36294:return $m;case 36295:return Zm;case 36296:return Jm;case 35678:case 36198:case 36298:case 36306:case 35682:return Km;case 35679:case 36299:case 36307:return jm;case 35680:case 36300:case 36308:case 36293:return Qm;case 36289:case 36303:case 36311:case 36292:return eb}}function nb(i,e){i.uniform1fv(this.addr,e)}function ib(i,e){let t=fs(e,this.size,2);i.uniform2fv(this.addr,t)}function sb(i,e){let t=fs(e,this.size,3);i.uniform3fv(this.addr,t)}function ab(i,e){let t=fs(e,this.size,4);i.uniform4fv(this.addr,t)}function rb(i,e){let t=fs(e,this.size,4);i.uniformMatrix2fv(this.addr,!1,t)}function ob(i,e){let t=fs(e,this.size,9);i.uniformMatrix3fv(this.addr,!1,t)}function cb(i,e){let t=fs(e,this.size,16);i.uniformMatrix4fv(this.addr,!1,t)}function lb(i,e){i.uniform1iv(this.addr,e)}function db(i,e){i.uniform2iv(this.addr,e)}function fb(i,e){i.uniform3iv(this.addr,e)}function hb(i,e){i.uniform4iv(this.addr,e)}function ub(i,e){i.uniform1uiv(this.addr,e)}function pb(i,e){i.uniform2uiv(this.addr,e)}function mb(i,e){i.uniform3uiv(this.addr,e)}function bb(i,e){i.uniform4uiv(this.addr,e)}function gb(i,e,t){let n=this.cache,s=e.length,a=ao(t,s);gt(n,a)||(i.uniform1iv(this.addr,a),_t(n,a));let r;this.type===i.SAMPLER_2D_SHADOW?r=ro(Ff):r=Of;for(let o=0;o!==s;++o)t.setTexture2D(e[o]||r,a[o])}function _b(i,e,t){let n=this.cache,s=e.length,a=ao(t,s);gt(n,a)||(i.uniform1iv(this.addr,a),_t(n,a));for(let r=0;r!==s;++r)t.setTexture3D(e[r]||kf,a[r])}function xb(i,e,t){let n=this.cache,s=e.length,a=ao(t,s);gt(n,a)||(i.uniform1iv(this.addr,a),_t(n,a));let r;this.type===i.SAMPLER_CUBE_SHADOW?r=ro(Bf):r=Vf;for(let o=0;o!==s;++o)t.setTextureCube(e[o]||r,a[o])}function yb(i,e,t){let n=this.cache,s=e.length,a=ao(t,s);gt(n,a)||(i.uniform1iv(this.addr,a),_t(n,a));for(let r=0;r!==s;++r)t.setTexture2DArray(e[r]||zf,a[r])}function vb(i){switch(i){case 5126:return nb;case 35664:return ib;case 35665:return sb;case 35666:return ab;case 35674:return rb;case 35675:return ob;case 35676:return cb;case 5124:case 35670:return lb;case 35667:case 35671:return db;case 35668:case 35672:return fb;case 35669:case 35673:return hb;case 5125:return ub;case 36294:return pb;case 36295:return mb;case 36296:return bb;case 35678:case 36198:case 36298:case 36306:case 35682:return gb;case 35679:case 36299:case 36307:return _b;case 35680:case 36300:case 36308:case 36293:return xb;case 36289:case 36303:case 36311:case 36292:return yb}}var Hc=class{constructor(e,t,n){this.id=e,this.addr=n,this.cache=[],this.type=t.type,this.setValue=tb(t.type)}},Wc=class{constructor(e,t,n){this.id=e,this.addr=n,this.cache=[],this.type=t.type,this.size=t.size,this.setValue=vb(t.type)}},Xc=class{constructor(e){this.id=e,this.seq=[],this.map={}}setValue(e,t,n){let s=this.seq;for(let a=0,r=s.length;a!==r;++a){let o=s[a];o.setValue(e,t[o.id],n)}}},Vc=/(\w+)(\])?(\[|\.)?/g;function yf(i,e){i.seq.push(e),i.map[e.id]=e}function Mb(i,e,t){let n=i.name,s=n.length;for(Vc.lastIndex=0;;){let a=Vc.exec(n),r=Vc.lastIndex,o=a[1],c=a[2]==="]",l=a[3];if(c&&(o=o|0),l===void 0||l==="["&&r+2===s){yf(t,l===void 0?new Hc(o,i,e):new Wc(o,i,e));break}else{let h=t.map[o];h===void 0&&(h=new Xc(o),yf(t,h)),t=h}}}var ds=class{constructor(e,t){this.seq=[],this.map={};let n=e.getProgramParameter(t,e.ACTIVE_UNIFORMS);for(let r=0;r<n;++r){let o=e.getActiveUniform(t,r),c=e.getUniformLocation(t,o.name);Mb(o,c,this)}let s=[],a=[];for(let r of this.seq)r.type===e.SAMPLER_2D_SHADOW||r.type===e.SAMPLER_CUBE_SHADOW||r.type===e.SAMPLER_2D_ARRAY_SHADOW?s.push(r):a.push(r);s.length>0&&(this.seq=s.concat(a))}setValue(e,t,n,s){let a=this.map[t];a!==void 0&&a.setValue(e,n,s)}setOptional(e,t,n){let s=t[n];s!==void 0&&this.setValue(e,n,s)}static upload(e,t,n,s){for(let a=0,r=t.length;a!==r;++a){let o=t[a],c=n[o.id];c.needsUpdate!==!1&&o.setValue(e,c.value,s)}}static seqWithValue(e,t){let n=[];for(let s=0,a=e.length;s!==a;++s){let r=e[s];r.id in t&&n.push(r)}return n}};function vf(i,e,t){let n=i.createShader(e);return i.shaderSource(n,t),i.compileShader(n),n}var Sb=37297,wb=0;function Eb(i,e){let t=i.split(`
`),n=[],s=Math.max(e-6,0),a=Math.min(e+6,t.length);for(let r=s;r<a;r++){let o=r+1;n.push(`${o===e?">":" "} ${o}: ${t[r]}`)}return n.join(`
`)}var Mf=new Le;function Tb(i){ke._getMatrix(Mf,ke.workingColorSpace,i);let e=`mat3( ${Mf.elements.map(t=>t.toFixed(4))} )`;switch(ke.getTransfer(i)){case As:return[e,"LinearTransferOETF"];case Ze:return[e,"sRGBTransferOETF"];default:return Te("WebGLProgram: Unsupported color space: ",i),[e,"LinearTransferOETF"]}}function Sf(i,e,t){let n=i.getShaderParameter(e,i.COMPILE_STATUS),a=(i.getShaderInfoLog(e)||"").trim();if(n&&a==="")return"";let r=/ERROR: 0:(\d+)/.exec(a);if(r){let o=parseInt(r[1]);return t.toUpperCase()+`

`+a+`

`+Eb(i.getShaderSource(e),o)}else return a}function Ab(i,e){let t=Tb(e);return[`vec4 ${i}( vec4 value ) {`,`	return ${t[1]}( vec4( ${t[0]} * value.rgb, value.a ) );`,"}"].join(`
`)}var Cb={[uc]:"Linear",[pc]:"Reinhard",[mc]:"Cineon",[bc]:"ACESFilmic",[_c]:"AgX",[xc]:"Neutral",[gc]:"Custom"};function Rb(i,e){let t=Cb[e];return t===void 0?(Te("WebGLProgram: Unsupported toneMapping:",e),"vec3 "+i+"( vec3 color ) { return LinearToneMapping( color ); }"):"vec3 "+i+"( vec3 color ) { return "+t+"ToneMapping( color ); }"}var no=new D;function Pb(){ke.getLuminanceCoefficients(no);let i=no.x.toFixed(4),e=no.y.toFixed(4),t=no.z.toFixed(4);return["float luminance( const in vec3 rgb ) {",`	const vec3 weights = vec3( ${i}, ${e}, ${t} );`,"	return dot( weights, rgb );","}"].join(`
`)}function Ib(i){return[i.extensionClipCullDistance?"#extension GL_ANGLE_clip_cull_distance : require":"",i.extensionMultiDraw?"#extension GL_ANGLE_multi_draw : require":""].filter(ea).join(`
`)}function Lb(i){let e=[];for(let t in i){let n=i[t];n!==!1&&e.push("#define "+t+" "+n)}return e.join(`
`)}function Nb(i,e){let t={},n=i.getProgramParameter(e,i.ACTIVE_ATTRIBUTES);for(let s=0;s<n;s++){let a=i.getActiveAttrib(e,s),r=a.name,o=1;a.type===i.FLOAT_MAT2&&(o=2),a.type===i.FLOAT_MAT3&&(o=3),a.type===i.FLOAT_MAT4&&(o=4),t[r]={type:a.type,location:i.getAttribLocation(e,r),locationSize:o}}return t}function ea(i){return i!==""}function wf(i,e){let t=e.numSpotLightShadows+e.numSpotLightMaps-e.numSpotLightShadowsWithMaps;return i.replace(/NUM_SUN_LIGHTS/g,e.numSunLights).replace(/NUM_DIR_LIGHTS/g,e.numDirLights).replace(/NUM_SPOT_LIGHTS/g,e.numSpotLights).replace(/NUM_SPOT_LIGHT_MAPS/g,e.numSpotLightMaps).replace(/NUM_SPOT_LIGHT_COORDS/g,t).replace(/NUM_RECT_AREA_LIGHTS/g,e.numRectAreaLights).replace(/NUM_POINT_LIGHTS/g,e.numPointLights).replace(/NUM_HEMI_LIGHTS/g,e.numHemiLights).replace(/NUM_SUN_LIGHT_SHADOWS/g,e.numSunLightShadows).replace(/NUM_DIR_LIGHT_SHADOWS/g,e.numDirLightShadows).replace(/NUM_SPOT_LIGHT_SHADOWS_WITH_MAPS/g,e.numSpotLightShadowsWithMaps).replace(/NUM_SPOT_LIGHT_SHADOWS/g,e.numSpotLightShadows).replace(/NUM_POINT_LIGHT_SHADOWS/g,e.numPointLightShadows).replace(/NUM_LIGHT_PROBE_GRIDS/g,e.numLightProbeGrids)}function Ef(i,e){return i.replace(/NUM_CLIPPING_PLANES/g,e.numClippingPlanes).replace(/UNION_CLIPPING_PLANES/g,e.numClippingPlanes-e.numClipIntersection)}var Db=/^[ \t]*#include +<([\w\d./]+)>/gm;function qc(i){return i.replace(Db,Ub)}function Ub(i,e){let t=ze[e];if(t===void 0)throw new Error("THREE.WebGLProgram: Can not resolve #include <"+e+">");return qc(t)}var Ob=/#pragma unroll_loop_start\s+for\s*\(\s*int\s+i\s*=\s*(\d+)\s*;\s*i\s*<\s*(\d+)\s*;\s*i\s*\+\+\s*\)\s*{([\s\S]+?)}\s+#pragma unroll_loop_end/g;function Tf(i){return i.replace(Ob,Fb)}function Fb(i,e,t,n){let s="";for(let a=parseInt(e);a<parseInt(t);a++)s+=n.replace(/\[\s*i\s*\]/g,"[ "+a+" ]").replace(/UNROLLED_LOOP_INDEX/g,a);return s}function Af(i){let e=`precision ${i.precision} float;
	precision ${i.precision} int;
	precision ${i.precision} sampler2D;
	precision ${i.precision} samplerCube;
	precision ${i.precision} sampler3D;
	precision ${i.precision} sampler2DArray;
	precision ${i.precision} sampler2DShadow;
	precision ${i.precision} samplerCubeShadow;
	precision ${i.precision} sampler2DArrayShadow;
	precision ${i.precision} isampler2D;
	precision ${i.precision} isampler3D;
	precision ${i.precision} isamplerCube;
	precision ${i.precision} isampler2DArray;
	precision ${i.precision} usampler2D;
	precision ${i.precision} usampler3D;
	precision ${i.precision} usamplerCube;
	precision ${i.precision} usampler2DArray;
	`;return i.precision==="highp"?e+=`
#define HIGH_PRECISION`:i.precision==="mediump"?e+=`
#define MEDIUM_PRECISION`:i.precision==="lowp"&&(e+=`
#define LOW_PRECISION`),e}var Bb={[Xs]:"SHADOWMAP_TYPE_PCF",[as]:"SHADOWMAP_TYPE_VSM"};function zb(i){return Bb[i.shadowMapType]||"SHADOWMAP_TYPE_BASIC"}var kb={[os]:"ENVMAP_MODE_REFRACTION"};function Vb(i){return i.envMap===!1?"ENVMAP_MODE_REFLECTION":kb[i.envMapMode]||"ENVMAP_MODE_REFLECTION"}var Gb={[pr]:"ENVMAP_BLENDING_MULTIPLY",[Gd]:"ENVMAP_BLENDING_MIX",[Hd]:"ENVMAP_BLENDING_ADD"};function Hb(i){return i.envMap===!1?"ENVMAP_BLENDING_NONE":Gb[i.combine]||"ENVMAP_BLENDING_NONE"}function Wb(i,e,t,n){let s=i.getContext(),a=t.defines,r=t.vertexShader,o=t.fragmentShader,c=zb(t),l=t.envMapPMREM===!0?"ENVMAP_TYPE_PMREM":"ENVMAP_TYPE_CUBE",d=Vb(t),h=Hb(t),f=Ib(t),u=Lb(a),b=s.createProgram(),y,p,m=t.glslVersion?"#version "+t.glslVersion+`
`:"";t.isRawShaderMaterial?(y=["#define SHADER_TYPE "+t.shaderType,"#define SHADER_NAME "+t.shaderName,u].filter(ea).join(`
`),y.length>0&&(y+=`
`),p=["#define SHADER_TYPE "+t.shaderType,"#define SHADER_NAME "+t.shaderName,u].filter(ea).join(`
`),p.length>0&&(p+=`
`)):(y=[Af(t),"#define SHADER_TYPE "+t.shaderType,"#define SHADER_NAME "+t.shaderName,u,t.extensionClipCullDistance?"#define USE_CLIP_DISTANCE":"",t.batching?"#define USE_BATCHING":"",t.batchingColor?"#define USE_BATCHING_COLOR":"",t.instancing?"#define USE_INSTANCING":"",t.instancingColor?"#define USE_INSTANCING_COLOR":"",t.instancingMorph?"#define USE_INSTANCING_MORPH":"",t.useFog&&t.fog?"#define USE_FOG":"",t.useFog&&t.fogExp2?"#define FOG_EXP2":"",t.map?"#define USE_MAP":"",t.envMap?"#define USE_ENVMAP":"",t.envMap?"#define "+d:"",t.lightMap?"#define USE_LIGHTMAP":"",t.aoMap?"#define USE_AOMAP":"",t.bumpMap?"#define USE_BUMPMAP":"",t.normalMap?"#define USE_NORMALMAP":"",t.normalMapObjectSpace?"#define USE_NORMALMAP_OBJECTSPACE":"",t.normalMapTangentSpace?"#define USE_NORMALMAP_TANGENTSPACE":"",t.displacementMap?"#define USE_DISPLACEMENTMAP":"",t.emissiveMap?"#define USE_EMISSIVEMAP":"",t.anisotropy?"#define USE_ANISOTROPY":"",t.anisotropyMap?"#define USE_ANISOTROPYMAP":"",t.clearcoatMap?"#define USE_CLEARCOATMAP":"",t.clearcoatRoughnessMap?"#define USE_CLEARCOAT_ROUGHNESSMAP":"",t.clearcoatNormalMap?"#define USE_CLEARCOAT_NORMALMAP":"",t.diffuseRoughnessMap?"#define USE_DIFFUSE_ROUGHNESSMAP":"",t.iridescenceMap?"#define USE_IRIDESCENCEMAP":"",t.iridescenceThicknessMap?"#define USE_IRIDESCENCE_THICKNESSMAP":"",t.specularMap?"#define USE_SPECULARMAP":"",t.specularColorMap?"#define USE_SPECULAR_COLORMAP":"",t.specularIntensityMap?"#define USE_SPECULAR_INTENSITYMAP":"",t.roughnessMap?"#define USE_ROUGHNESSMAP":"",t.metalnessMap?"#define USE_METALNESSMAP":"",t.alphaMap?"#define USE_ALPHAMAP":"",t.alphaHash?"#define USE_ALPHAHASH":"",t.transmission?"#define USE_TRANSMISSION":"",t.transmissionMap?"#define USE_TRANSMISSIONMAP":"",t.thicknessMap?"#define USE_THICKNESSMAP":"",t.sheenColorMap?"#define USE_SHEEN_COLORMAP":"",t.sheenRoughnessMap?"#define USE_SHEEN_ROUGHNESSMAP":"",t.mapUv?"#define MAP_UV "+t.mapUv:"",t.alphaMapUv?"#define ALPHAMAP_UV "+t.alphaMapUv:"",t.lightMapUv?"#define LIGHTMAP_UV "+t.lightMapUv:"",t.aoMapUv?"#define AOMAP_UV "+t.aoMapUv:"",t.emissiveMapUv?"#define EMISSIVEMAP_UV "+t.emissiveMapUv:"",t.bumpMapUv?"#define BUMPMAP_UV "+t.bumpMapUv:"",t.normalMapUv?"#define NORMALMAP_UV "+t.normalMapUv:"",t.displacementMapUv?"#define DISPLACEMENTMAP_UV "+t.displacementMapUv:"",t.metalnessMapUv?"#define METALNESSMAP_UV "+t.metalnessMapUv:"",t.roughnessMapUv?"#define ROUGHNESSMAP_UV "+t.roughnessMapUv:"",t.anisotropyMapUv?"#define ANISOTROPYMAP_UV "+t.anisotropyMapUv:"",t.clearcoatMapUv?"#define CLEARCOATMAP_UV "+t.clearcoatMapUv:"",t.clearcoatNormalMapUv?"#define CLEARCOAT_NORMALMAP_UV "+t.clearcoatNormalMapUv:"",t.clearcoatRoughnessMapUv?"#define CLEARCOAT_ROUGHNESSMAP_UV "+t.clearcoatRoughnessMapUv:"",t.diffuseRoughnessMapUv?"#define DIFFUSE_ROUGHNESSMAP_UV "+t.diffuseRoughnessMapUv:"",t.iridescenceMapUv?"#define IRIDESCENCEMAP_UV "+t.iridescenceMapUv:"",t.iridescenceThicknessMapUv?"#define IRIDESCENCE_THICKNESSMAP_UV "+t.iridescenceThicknessMapUv:"",t.sheenColorMapUv?"#define SHEEN_COLORMAP_UV "+t.sheenColorMapUv:"",t.sheenRoughnessMapUv?"#define SHEEN_ROUGHNESSMAP_UV "+t.sheenRoughnessMapUv:"",t.specularMapUv?"#define SPECULARMAP_UV "+t.specularMapUv:"",t.specularColorMapUv?"#define SPECULAR_COLORMAP_UV "+t.specularColorMapUv:"",t.specularIntensityMapUv?"#define SPECULAR_INTENSITYMAP_UV "+t.specularIntensityMapUv:"",t.transmissionMapUv?"#define TRANSMISSIONMAP_UV "+t.transmissionMapUv:"",t.thicknessMapUv?"#define THICKNESSMAP_UV "+t.thicknessMapUv:"",t.vertexTangents&&t.flatShading===!1?"#define USE_TANGENT":"",t.vertexNormals?"#define HAS_NORMAL":"",t.vertexColors?"#define USE_COLOR":"",t.vertexAlphas?"#define USE_COLOR_ALPHA":"",t.vertexUv1s?"#define USE_UV1":"",t.vertexUv2s?"#define USE_UV2":"",t.vertexUv3s?"#define USE_UV3":"",t.pointsUvs?"#define USE_POINTS_UV":"",t.flatShading?"#define FLAT_SHADED":"",t.skinning?"#define USE_SKINNING":"",t.morphTargets?"#define USE_MORPHTARGETS":"",t.morphNormals&&t.flatShading===!1?"#define USE_MORPHNORMALS":"",t.morphColors?"#define USE_MORPHCOLORS":"",t.morphTargetsCount>0?"#define MORPHTARGETS_TEXTURE_STRIDE "+t.morphTextureStride:"",t.morphTargetsCount>0?"#define MORPHTARGETS_COUNT "+t.morphTargetsCount:"",t.doubleSided?"#define DOUBLE_SIDED":"",t.flipSided?"#define FLIP_SIDED":"",t.shadowMapEnabled?"#define USE_SHADOWMAP":"",t.shadowMapEnabled?"#define "+c:"",t.sizeAttenuation?"#define USE_SIZEATTENUATION":"",t.numLightProbes>0?"#define USE_LIGHT_PROBES":"",t.logarithmicDepthBuffer?"#define USE_LOGARITHMIC_DEPTH_BUFFER":"",t.reversedDepthBuffer?"#define USE_REVERSED_DEPTH_BUFFER":"","uniform mat4 modelMatrix;","uniform mat4 modelViewMatrix;","uniform mat4 projectionMatrix;","uniform mat4 viewMatrix;","uniform mat3 normalMatrix;","uniform vec3 cameraPosition;","uniform bool isOrthographic;","#ifdef USE_INSTANCING","	attribute mat4 instanceMatrix;","#endif","#ifdef USE_INSTANCING_COLOR","	attribute vec3 instanceColor;","#endif","#ifdef USE_INSTANCING_MORPH","	uniform sampler2D morphTexture;","#endif","attribute vec3 position;","attribute vec3 normal;","attribute vec2 uv;","#ifdef USE_UV1","	attribute vec2 uv1;","#endif","#ifdef USE_UV2","	attribute vec2 uv2;","#endif","#ifdef USE_UV3","	attribute vec2 uv3;","#endif","#ifdef USE_TANGENT","	attribute vec4 tangent;","#endif","#if defined( USE_COLOR_ALPHA )","	attribute vec4 color;","#elif defined( USE_COLOR )","	attribute vec3 color;","#endif","#ifdef USE_SKINNING","	attribute vec4 skinIndex;","	attribute vec4 skinWeight;","#endif",`
`].filter(ea).join(`
`),p=[Af(t),"#define SHADER_TYPE "+t.shaderType,"#define SHADER_NAME "+t.shaderName,u,t.useFog&&t.fog?"#define USE_FOG":"",t.useFog&&t.fogExp2?"#define FOG_EXP2":"",t.alphaToCoverage?"#define ALPHA_TO_COVERAGE":"",t.map?"#define USE_MAP":"",t.matcap?"#define USE_MATCAP":"",t.envMap?"#define USE_ENVMAP":"",t.envMap?"#define "+l:"",t.envMap?"#define "+d:"",t.envMap?"#define "+h:"",t.envMapPMREM?"#define ENVMAP_MAX_LOD "+t.envMapMaxLod+".0":"",t.envMapPMREM?"#define ENVMAP_SIZE "+t.envMapSize+".0":"",t.lightMap?"#define USE_LIGHTMAP":"",t.aoMap?"#define USE_AOMAP":"",t.bumpMap?"#define USE_BUMPMAP":"",t.normalMap?"#define USE_NORMALMAP":"",t.normalMapObjectSpace?"#define USE_NORMALMAP_OBJECTSPACE":"",t.normalMapTangentSpace?"#define USE_NORMALMAP_TANGENTSPACE":"",t.packedNormalMap?"#define USE_PACKED_NORMALMAP":"",t.emissiveMap?"#define USE_EMISSIVEMAP":"",t.anisotropy?"#define USE_ANISOTROPY":"",t.anisotropyMap?"#define USE_ANISOTROPYMAP":"",t.clearcoat?"#define USE_CLEARCOAT":"",t.clearcoatMap?"#define USE_CLEARCOATMAP":"",t.clearcoatRoughnessMap?"#define USE_CLEARCOAT_ROUGHNESSMAP":"",t.clearcoatNormalMap?"#define USE_CLEARCOAT_NORMALMAP":"",t.diffuseRoughness?"#define USE_DIFFUSE_ROUGHNESS":"",t.diffuseRoughnessMap?"#define USE_DIFFUSE_ROUGHNESSMAP":"",t.dispersion?"#define USE_DISPERSION":"",t.retroreflection?"#define USE_RETROREFLECTION":"",t.iridescence?"#define USE_IRIDESCENCE":"",t.iridescenceMap?"#define USE_IRIDESCENCEMAP":"",t.iridescenceThicknessMap?"#define USE_IRIDESCENCE_THICKNESSMAP":"",t.specularMap?"#define USE_SPECULARMAP":"",t.specularColorMap?"#define USE_SPECULAR_COLORMAP":"",t.specularIntensityMap?"#define USE_SPECULAR_INTENSITYMAP":"",t.roughnessMap?"#define USE_ROUGHNESSMAP":"",t.metalnessMap?"#define USE_METALNESSMAP":"",t.alphaMap?"#define USE_ALPHAMAP":"",t.alphaTest?"#define USE_ALPHATEST":"",t.alphaHash?"#define USE_ALPHAHASH":"",t.sheen?"#define USE_SHEEN":"",t.sheenColorMap?"#define USE_SHEEN_COLORMAP":"",t.sheenRoughnessMap?"#define USE_SHEEN_ROUGHNESSMAP":"",t.transmission?"#define USE_TRANSMISSION":"",t.transmissionMap?"#define USE_TRANSMISSIONMAP":"",t.thicknessMap?"#define USE_THICKNESSMAP":"",t.vertexTangents&&t.flatShading===!1?"#define USE_TANGENT":"",t.vertexColors||t.instancingColor?"#define USE_COLOR":"",t.vertexAlphas||t.batchingColor?"#define USE_COLOR_ALPHA":"",t.vertexUv1s?"#define USE_UV1":"",t.vertexUv2s?"#define USE_UV2":"",t.vertexUv3s?"#define USE_UV3":"",t.pointsUvs?"#define USE_POINTS_UV":"",t.gradientMap?"#define USE_GRADIENTMAP":"",t.flatShading?"#define FLAT_SHADED":"",t.doubleSided?"#define DOUBLE_SIDED":"",t.flipSided?"#define FLIP_SIDED":"",t.shadowMapEnabled?"#define USE_SHADOWMAP":"",t.shadowMapEnabled?"#define "+c:"",t.premultipliedAlpha?"#define PREMULTIPLIED_ALPHA":"",t.numLightProbes>0?"#define USE_LIGHT_PROBES":"",t.decodeVideoTexture?"#define DECODE_VIDEO_TEXTURE":"",t.decodeVideoTextureEmissive?"#define DECODE_VIDEO_TEXTURE_EMISSIVE":"",t.logarithmicDepthBuffer?"#define USE_LOGARITHMIC_DEPTH_BUFFER":"",t.reversedDepthBuffer?"#define USE_REVERSED_DEPTH_BUFFER":"","uniform mat4 viewMatrix;","uniform vec3 cameraPosition;","uniform bool isOrthographic;",t.toneMapping!==vn?"#define TONE_MAPPING":"",t.toneMapping!==vn?ze.tonemapping_pars_fragment:"",t.toneMapping!==vn?Rb("toneMapping",t.toneMapping):"",t.dithering?"#define DITHERING":"",t.opaque?"#define OPAQUE":"",ze.colorspace_pars_fragment,Ab("linearToOutputTexel",t.outputColorSpace),Pb(),t.useDepthPacking?"#define DEPTH_PACKING "+t.depthPacking:"",`
`].filter(ea).join(`
`)),r=qc(r),r=wf(r,t),r=Ef(r,t),o=qc(o),o=wf(o,t),o=Ef(o,t),r=Tf(r),o=Tf(o),t.isRawShaderMaterial!==!0&&(m=`#version 300 es
`,y=[f,"#define attribute in","#define varying out","#define texture2D texture"].join(`
`)+`
`+y,p=["#define varying in",t.glslVersion===Ic?"":"layout(location = 0) out highp vec4 pc_fragColor;",t.glslVersion===Ic?"":"#define gl_FragColor pc_fragColor","#define gl_FragDepthEXT gl_FragDepth","#define texture2D texture","#define textureCube texture","#define texture2DProj textureProj","#define texture2DLodEXT textureLod","#define texture2DProjLodEXT textureProjLod","#define textureCubeLodEXT textureLod","#define texture2DGradEXT textureGrad","#define texture2DProjGradEXT textureProjGrad","#define textureCubeGradEXT textureGrad"].join(`
`)+`
`+p);let v=m+y+r,E=m+p+o,M=vf(s,s.VERTEX_SHADER,v),A=vf(s,s.FRAGMENT_SHADER,E);s.attachShader(b,M),s.attachShader(b,A),t.index0AttributeName!==void 0?s.bindAttribLocation(b,0,t.index0AttributeName):t.hasPositionAttribute===!0&&s.bindAttribLocation(b,0,"position"),s.linkProgram(b);function T(I){if(i.debug.checkShaderErrors){let N=s.getProgramInfoLog(b)||"",V=s.getShaderInfoLog(M)||"",Y=s.getShaderInfoLog(A)||"",P=N.trim(),X=V.trim(),K=Y.trim(),G=!0,ne=!0;if(s.getProgramParameter(b,s.LINK_STATUS)===!1)if(G=!1,typeof i.debug.onShaderError=="function")i.debug.onShaderError(s,b,M,A);else{let W=Sf(s,M,"vertex"),Q=Sf(s,A,"fragment");Ie("WebGLProgram: Shader Error "+s.getError()+" - VALIDATE_STATUS "+s.getProgramParameter(b,s.VALIDATE_STATUS)+`

Material Name: `+I.name+`
Material Type: `+I.type+`

Program Info Log: `+P+`
`+W+`
`+Q)}else P!==""?Te("WebGLProgram: Program Info Log:",P):(X===""||K==="")&&(ne=!1);ne&&(I.diagnostics={runnable:G,programLog:P,vertexShader:{log:X,prefix:y},fragmentShader:{log:K,prefix:p}})}s.deleteShader(M),s.deleteShader(A),g=new ds(s,b),w=Nb(s,b)}let g;this.getUniforms=function(){return g===void 0&&T(this),g};let w;this.getAttributes=function(){return w===void 0&&T(this),w};let B=t.rendererExtensionParallelShaderCompile===!1;return this.isReady=function(){return B===!1&&(B=s.getProgramParameter(b,Sb)),B},this.destroy=function(){n.releaseStatesOfProgram(this),s.deleteProgram(b),this.program=void 0},this.type=t.shaderType,this.name=t.shaderName,this.id=wb++,this.cacheKey=e,this.usedTimes=1,this.program=b,this.vertexShader=M,this.fragmentShader=A,this}var Xb=0,Yc=class{constructor(){this.shaderCache=new Map,this.materialCache=new Map}update(e,t,n){let s=this._getShaderCacheForMaterial(e);return s.has(t)===!1&&(s.add(t),t.usedTimes++),s.has(n)===!1&&(s.add(n),n.usedTimes++),this}remove(e){let t=this.materialCache.get(e);for(let n of t)n.usedTimes--,n.usedTimes===0&&this.shaderCache.delete(n.code);return this.materialCache.delete(e),this}getVertexShaderStage(e){return this._getShaderStage(e.vertexShader)}getFragmentShaderStage(e){return this._getShaderStage(e.fragmentShader)}dispose(){this.shaderCache.clear(),this.materialCache.clear()}_getShaderCacheForMaterial(e){let t=this.materialCache,n=t.get(e);return n===void 0&&(n=new Set,t.set(e,n)),n}_getShaderStage(e){let t=this.shaderCache,n=t.get(e);return n===void 0&&(n=new $c(e),t.set(e,n)),n}},$c=class{constructor(e){this.id=Xb++,this.code=e,this.usedTimes=0}};function qb(i){return i===fi||i===Ks||i===js}function Yb(i,e,t,n,s,a){let r=new Zi,o=new Yc,c=new Set,l=[],d=new Map,h=n.logarithmicDepthBuffer,f={MeshDepthMaterial:"depth",MeshDistanceMaterial:"distance",MeshNormalMaterial:"normal",MeshBasicMaterial:"basic",MeshLambertMaterial:"lambert",MeshPhongMaterial:"phong",MeshToonMaterial:"toon",MeshStandardMaterial:"physical",MeshPhysicalMaterial:"physical",MeshMatcapMaterial:"matcap",LineBasicMaterial:"basic",LineDashedMaterial:"dashed",PointsMaterial:"points",ShadowMaterial:"shadow",SpriteMaterial:"sprite"};function u(g){return c.add(g),g===0?"uv":`uv${g}`}function b(g,w,B,I,N,V){let Y=I.fog,P=N.geometry,X=g.isMeshStandardMaterial||g.isMeshLambertMaterial||g.isMeshPhongMaterial?I.environment:null,K=g.isMeshStandardMaterial||g.isMeshLambertMaterial&&!g.envMap||g.isMeshPhongMaterial&&!g.envMap,G=e.get(g.envMap||X,K),ne=f[g.type],W=n.precision;g.precision!==null&&(W=n.getMaxPrecision(g.precision),W!==g.precision&&Te("WebGLProgram.getParameters:",g.precision,"not supported, using",W,"instead."));let Q=P.morphAttributes.position||P.morphAttributes.normal||P.morphAttributes.color,ee=Q!==void 0?Q.length:0,Me=0;P.morphAttributes.position!==void 0&&(Me=1),P.morphAttributes.normal!==void 0&&(Me=2),P.morphAttributes.color!==void 0&&(Me=3);let De,Z,me,xe;if(ne){let ue=Sn[ne];De=ue.vertexShader,Z=ue.fragmentShader}else{De=g.vertexShader,Z=g.fragmentShader;let ue=o.getVertexShaderStage(g),Ke=o.getFragmentShaderStage(g);o.update(g,ue,Ke),me=ue.id,xe=Ke.id}let Ae=i.getRenderTarget(),be=i.state.buffers.depth.getReversed(),Oe=N.isInstancedMesh===!0,ht=N.isBatchedMesh===!0,Pe=!!g.map,Je=!!g.matcap,je=!!G,He=je&&G.isPMREMTexture===!0,Et=!!g.aoMap,mt=!!g.lightMap,Ot=!!g.bumpMap&&g.wireframe===!1,ct=!!g.normalMap,mn=!!g.displacementMap,yt=!!g.emissiveMap,jt=!!g.metalnessMap,Qt=!!g.roughnessMap,en=g.anisotropy>0,L=g.clearcoat>0,tn=g.diffuseRoughness>0,at=g.dispersion>0,rt=g.retroreflectivity>0,he=g.iridescence>0,bt=g.sheen>0,Ce=g.transmission>0,Ne=en&&!!g.anisotropyMap,S=L&&!!g.clearcoatMap,_=L&&!!g.clearcoatNormalMap,O=L&&!!g.clearcoatRoughnessMap,te=tn&&!!g.diffuseRoughnessMap,j=he&&!!g.iridescenceMap,ae=he&&!!g.iridescenceThicknessMap,de=bt&&!!g.sheenColorMap,q=bt&&!!g.sheenRoughnessMap,$=!!g.specularMap,oe=!!g.specularColorMap,C=!!g.specularIntensityMap,J=Ce&&!!g.transmissionMap,H=Ce&&!!g.thicknessMap,ce=!!g.gradientMap,se=!!g.alphaMap,re=g.alphaTest>0,we=!!g.alphaHash,Be=!!g.extensions,ie=vn;g.toneMapped&&(Ae===null||Ae.isXRRenderTarget===!0)&&(ie=i.toneMapping);let Ee=He?G.isCompressedCubeTexture?G.image[0].mipmaps:G.mipmaps:null,Fe={shaderID:ne,shaderType:g.type,shaderName:g.name,vertexShader:De,fragmentShader:Z,defines:g.defines,customVertexShaderID:me,customFragmentShaderID:xe,isRawShaderMaterial:g.isRawShaderMaterial===!0,glslVersion:g.glslVersion,precision:W,batching:ht,batchingColor:ht&&N._colorsTexture!==null,instancing:Oe,instancingColor:Oe&&N.instanceColor!==null,instancingMorph:Oe&&N.morphTexture!==null,outputColorSpace:Ae===null?i.outputColorSpace:Ae.isXRRenderTarget===!0?Ae.texture.colorSpace:ke.workingColorSpace,alphaToCoverage:!!g.alphaToCoverage,map:Pe,matcap:Je,envMap:je,envMapMode:je&&G.mapping,envMapPMREM:He,envMapMaxLod:He?Ee.length-1:null,envMapSize:He?Ee[0].width:null,aoMap:Et,lightMap:mt,bumpMap:Ot,normalMap:ct,displacementMap:mn,emissiveMap:yt,normalMapObjectSpace:ct&&g.normalMapType===qd,normalMapTangentSpace:ct&&g.normalMapType===eo,packedNormalMap:ct&&g.normalMapType===eo&&qb(g.normalMap.format),metalnessMap:jt,roughnessMap:Qt,anisotropy:en,anisotropyMap:Ne,clearcoat:L,clearcoatMap:S,clearcoatNormalMap:_,clearcoatRoughnessMap:O,diffuseRoughness:tn,diffuseRoughnessMap:te,dispersion:at,retroreflection:rt,iridescence:he,iridescenceMap:j,iridescenceThicknessMap:ae,sheen:bt,sheenColorMap:de,sheenRoughnessMap:q,specularMap:$,specularColorMap:oe,specularIntensityMap:C,transmission:Ce,transmissionMap:J,thicknessMap:H,gradientMap:ce,opaque:g.transparent===!1&&g.blending===rs&&g.alphaToCoverage===!1,alphaMap:se,alphaTest:re,alphaHash:we,combine:g.combine,mapUv:Pe&&u(g.map.channel),aoMapUv:Et&&u(g.aoMap.channel),lightMapUv:mt&&u(g.lightMap.channel),bumpMapUv:Ot&&u(g.bumpMap.channel),normalMapUv:ct&&u(g.normalMap.channel),displacementMapUv:mn&&u(g.displacementMap.channel),emissiveMapUv:yt&&u(g.emissiveMap.channel),metalnessMapUv:jt&&u(g.metalnessMap.channel),roughnessMapUv:Qt&&u(g.roughnessMap.channel),anisotropyMapUv:Ne&&u(g.anisotropyMap.channel),clearcoatMapUv:S&&u(g.clearcoatMap.channel),clearcoatNormalMapUv:_&&u(g.clearcoatNormalMap.channel),clearcoatRoughnessMapUv:O&&u(g.clearcoatRoughnessMap.channel),diffuseRoughnessMapUv:te&&u(g.diffuseRoughnessMap.channel),iridescenceMapUv:j&&u(g.iridescenceMap.channel),iridescenceThicknessMapUv:ae&&u(g.iridescenceThicknessMap.channel),sheenColorMapUv:de&&u(g.sheenColorMap.channel),sheenRoughnessMapUv:q&&u(g.sheenRoughnessMap.channel),specularMapUv:$&&u(g.specularMap.channel),specularColorMapUv:oe&&u(g.specularColorMap.channel),specularIntensityMapUv:C&&u(g.specularIntensityMap.channel),transmissionMapUv:J&&u(g.transmissionMap.channel),thicknessMapUv:H&&u(g.thicknessMap.channel),alphaMapUv:se&&u(g.alphaMap.channel),vertexTangents:!!P.attributes.tangent&&(ct||en),vertexNormals:!!P.attributes.normal,vertexColors:g.vertexColors,vertexAlphas:g.vertexColors===!0&&!!P.attributes.color&&P.attributes.color.itemSize===4,pointsUvs:N.isPoints===!0&&!!P.attributes.uv&&(Pe||se),fog:!!Y,useFog:g.fog===!0,fogExp2:!!Y&&Y.isFogExp2,flatShading:g.wireframe===!1&&(g.flatShading===!0||P.attributes.normal===void 0&&ct===!1&&(g.isMeshLambertMaterial||g.isMeshPhongMaterial||g.isMeshStandardMaterial||g.isMeshPhysicalMaterial)),sizeAttenuation:g.sizeAttenuation===!0,logarithmicDepthBuffer:h,reversedDepthBuffer:be,skinning:N.isSkinnedMesh===!0,hasPositionAttribute:P.attributes.position!==void 0,morphTargets:P.morphAttributes.position!==void 0,morphNormals:P.morphAttributes.normal!==void 0,morphColors:P.morphAttributes.color!==void 0,morphTargetsCount:ee,morphTextureStride:Me,numSunLights:w.sun.length,numDirLights:w.directional.length,numPointLights:w.point.length,numSpotLights:w.spot.length,numSpotLightMaps:w.spotLightMap.length,numRectAreaLights:w.rectArea.length,numHemiLights:w.hemi.length,numSunLightShadows:w.sunShadowMap.length,numDirLightShadows:w.directionalShadowMap.length,numPointLightShadows:w.pointShadowMap.length,numSpotLightShadows:w.spotShadowMap.length,numSpotLightShadowsWithMaps:w.numSpotLightShadowsWithMaps,numLightProbes:w.numLightProbes,numLightProbeGrids:V.filter(ue=>ue.texture!==null).length,numClippingPlanes:a.numPlanes,numClipIntersection:a.numIntersection,dithering:g.dithering,shadowMapEnabled:i.shadowMap.enabled&&B.length>0,shadowMapType:i.shadowMap.type,toneMapping:ie,decodeVideoTexture:Pe&&g.map.isVideoTexture===!0&&ke.getTransfer(g.map.colorSpace)===Ze,decodeVideoTextureEmissive:yt&&g.emissiveMap.isVideoTexture===!0&&ke.getTransfer(g.emissiveMap.colorSpace)===Ze,premultipliedAlpha:g.premultipliedAlpha,doubleSided:g.side===yn,flipSided:g.side===Ut,useDepthPacking:g.depthPacking>=0,depthPacking:g.depthPacking||0,index0AttributeName:g.index0AttributeName,extensionClipCullDistance:Be&&g.extensions.clipCullDistance===!0&&t.has("WEBGL_clip_cull_distance"),extensionMultiDraw:(Be&&g.extensions.multiDraw===!0||ht)&&t.has("WEBGL_multi_draw"),rendererExtensionParallelShaderCompile:t.has("KHR_parallel_shader_compile"),customProgramCacheKey:g.customProgramCacheKey()};return Fe.vertexUv1s=c.has(1),Fe.vertexUv2s=c.has(2),Fe.vertexUv3s=c.has(3),c.clear(),Fe}function y(g){let w=[];if(g.shaderID?w.push(g.shaderID):(w.push(g.customVertexShaderID),w.push(g.customFragmentShaderID)),g.defines!==void 0)for(let B in g.defines)w.push(B),w.push(g.defines[B]);return g.isRawShaderMaterial===!1&&(p(w,g),m(w,g),w.push(i.outputColorSpace)),w.push(g.customProgramCacheKey),w.join()}function p(g,w){g.push(w.precision),g.push(w.outputColorSpace),g.push(w.envMapMode),g.push(w.envMapPMREM),g.push(w.envMapMaxLod),g.push(w.envMapSize),g.push(w.mapUv),g.push(w.alphaMapUv),g.push(w.lightMapUv),g.push(w.aoMapUv),g.push(w.bumpMapUv),g.push(w.normalMapUv),g.push(w.displacementMapUv),g.push(w.emissiveMapUv),g.push(w.metalnessMapUv),g.push(w.roughnessMapUv),g.push(w.anisotropyMapUv),g.push(w.clearcoatMapUv),g.push(w.clearcoatNormalMapUv),g.push(w.clearcoatRoughnessMapUv),g.push(w.diffuseRoughnessMapUv),g.push(w.iridescenceMapUv),g.push(w.iridescenceThicknessMapUv),g.push(w.sheenColorMapUv),g.push(w.sheenRoughnessMapUv),g.push(w.specularMapUv),g.push(w.specularColorMapUv),g.push(w.specularIntensityMapUv),g.push(w.transmissionMapUv),g.push(w.thicknessMapUv),g.push(w.combine),g.push(w.fogExp2),g.push(w.sizeAttenuation),g.push(w.morphTargetsCount),g.push(w.numSunLights),g.push(w.numDirLights),g.push(w.numPointLights),g.push(w.numSpotLights),g.push(w.numSpotLightMaps),g.push(w.numHemiLights),g.push(w.numRectAreaLights),g.push(w.numSunLightShadows),g.push(w.numDirLightShadows),g.push(w.numPointLightShadows),g.push(w.numSpotLightShadows),g.push(w.numSpotLightShadowsWithMaps),g.push(w.numLightProbes),g.push(w.numLightProbeGrids),g.push(w.shadowMapType),g.push(w.toneMapping),g.push(w.numClippingPlanes),g.push(w.numClipIntersection),g.push(w.depthPacking)}function m(g,w){r.disableAll(),w.instancing&&r.enable(0),w.instancingColor&&r.enable(1),w.instancingMorph&&r.enable(2),w.matcap&&r.enable(3),w.envMap&&r.enable(4),w.normalMapObjectSpace&&r.enable(5),w.normalMapTangentSpace&&r.enable(6),w.clearcoat&&r.enable(7),w.iridescence&&r.enable(8),w.alphaTest&&r.enable(9),w.vertexColors&&r.enable(10),w.vertexAlphas&&r.enable(11),w.vertexUv1s&&r.enable(12),w.vertexUv2s&&r.enable(13),w.vertexUv3s&&r.enable(14),w.vertexTangents&&r.enable(15),w.anisotropy&&r.enable(16),w.alphaHash&&r.enable(17),w.batching&&r.enable(18),w.dispersion&&r.enable(19),w.retroreflection&&r.enable(24),w.diffuseRoughness&&r.enable(25),w.batchingColor&&r.enable(20),w.gradientMap&&r.enable(21),w.packedNormalMap&&r.enable(22),w.vertexNormals&&r.enable(23),g.push(r.mask),r.disableAll(),w.fog&&r.enable(0),w.useFog&&r.enable(1),w.flatShading&&r.enable(2),w.logarithmicDepthBuffer&&r.enable(3),w.reversedDepthBuffer&&r.enable(4),w.skinning&&r.enable(5),w.morphTargets&&r.enable(6),w.morphNormals&&r.enable(7),w.morphColors&&r.enable(8),w.premultipliedAlpha&&r.enable(9),w.shadowMapEnabled&&r.enable(10),w.doubleSided&&r.enable(11),w.flipSided&&r.enable(12),w.useDepthPacking&&r.enable(13),w.dithering&&r.enable(14),w.transmission&&r.enable(15),w.sheen&&r.enable(16),w.opaque&&r.enable(17),w.pointsUvs&&r.enable(18),w.decodeVideoTexture&&r.enable(19),w.decodeVideoTextureEmissive&&r.enable(20),w.alphaToCoverage&&r.enable(21),w.numLightProbeGrids>0&&r.enable(22),w.hasPositionAttribute&&r.enable(23),g.push(r.mask)}function v(g){let w=f[g.type],B;if(w){let I=Sn[w];B=cf.clone(I.uniforms)}else B=g.uniforms;return B}function E(g,w){let B=d.get(w);return B!==void 0?++B.usedTimes:(B=new Wb(i,w,g,s),l.push(B),d.set(w,B)),B}function M(g){if(--g.usedTimes===0){let w=l.indexOf(g);l[w]=l[l.length-1],l.pop(),d.delete(g.cacheKey),g.destroy()}}function A(g){o.remove(g)}function T(){o.dispose()}return{getParameters:b,getProgramCacheKey:y,getUniforms:v,acquireProgram:E,releaseProgram:M,releaseShaderCache:A,programs:l,dispose:T}}function $b(){let i=new WeakMap;function e(r){return i.has(r)}function t(r){let o=i.get(r);return o===void 0&&(o={},i.set(r,o)),o}function n(r){i.delete(r)}function s(r,o,c){i.get(r)[o]=c}function a(){i=new WeakMap}return{has:e,get:t,remove:n,update:s,dispose:a}}function Zb(i,e){return i.groupOrder!==e.groupOrder?i.groupOrder-e.groupOrder:i.renderOrder!==e.renderOrder?i.renderOrder-e.renderOrder:i.material.id!==e.material.id?i.material.id-e.material.id:i.materialVariant!==e.materialVariant?i.materialVariant-e.materialVariant:i.z!==e.z?i.z-e.z:i.id-e.id}function Cf(i,e){return i.groupOrder!==e.groupOrder?i.groupOrder-e.groupOrder:i.renderOrder!==e.renderOrder?i.renderOrder-e.renderOrder:i.z!==e.z?e.z-i.z:i.id-e.id}function Rf(){let i=[],e=0,t=[],n=[],s=[];function a(){e=0,t.length=0,n.length=0,s.length=0}function r(f){let u=0;return f.isInstancedMesh&&(u+=2),f.isSkinnedMesh&&(u+=1),u}function o(f,u,b,y,p,m){let v=i[e];return v===void 0?(v={id:f.id,object:f,geometry:u,material:b,materialVariant:r(f),groupOrder:y,renderOrder:f.renderOrder,z:p,group:m},i[e]=v):(v.id=f.id,v.object=f,v.geometry=u,v.material=b,v.materialVariant=r(f),v.groupOrder=y,v.renderOrder=f.renderOrder,v.z=p,v.group=m),e++,v}function c(f,u,b,y,p,m,v){v.reversedDepth===!0&&(p=-p);let E=o(f,u,b,y,p,m);b.transmission>0?n.push(E):b.transparent===!0?s.push(E):t.push(E)}function l(f,u,b,y,p,m){let v=o(f,u,b,y,p,m);b.transmission>0?n.unshift(v):b.transparent===!0?s.unshift(v):t.unshift(v)}function d(f,u){t.length>1&&t.sort(f||Zb),n.length>1&&n.sort(u||Cf),s.length>1&&s.sort(u||Cf)}function h(){for(let f=e,u=i.length;f<u;f++){let b=i[f];if(b.id===null)break;b.id=null,b.object=null,b.geometry=null,b.material=null,b.group=null}}return{opaque:t,transmissive:n,transparent:s,init:a,push:c,unshift:l,finish:h,sort:d}}function Jb(){let i=new WeakMap;function e(n,s){let a=i.get(n),r;return a===void 0?(r=new Rf,i.set(n,[r])):s>=a.length?(r=new Rf,a.push(r)):r=a[s],r}function t(){i=new WeakMap}return{get:e,dispose:t}}function Kb(){let i={};return{get:function(e){if(i[e.id]!==void 0)return i[e.id];let t;switch(e.type){case"SunLight":case"DirectionalLight":t={direction:new D,color:new Ge};break;case"SpotLight":t={position:new D,direction:new D,color:new Ge,distance:0,coneCos:0,penumbraCos:0,decay:0};break;case"PointLight":t={position:new D,color:new Ge,distance:0,decay:0};break;case"HemisphereLight":t={direction:new D,skyColor:new Ge,groundColor:new Ge};break;case"RectAreaLight":t={color:new Ge,position:new D,halfWidth:new D,halfHeight:new D};break}return i[e.id]=t,t}}}function jb(){let i={};return{get:function(e){if(i[e.id]!==void 0)return i[e.id];let t;switch(e.type){case"SunLight":case"DirectionalLight":t={shadowIntensity:1,shadowBias:0,shadowNormalBias:0,shadowRadius:1,shadowMapSize:new Re};break;case"SpotLight":t={shadowIntensity:1,shadowBias:0,shadowNormalBias:0,shadowRadius:1,shadowMapSize:new Re};break;case"PointLight":t={shadowIntensity:1,shadowBias:0,shadowNormalBias:0,shadowRadius:1,shadowMapSize:new Re,shadowCameraNear:1,shadowCameraFar:1e3};break}return i[e.id]=t,t}}}var Qb=0;function e3(i,e){return(e.castShadow?2:0)-(i.castShadow?2:0)+(e.map?1:0)-(i.map?1:0)}function t3(i){let e=new Kb,t=jb(),n={version:0,hash:{sunLength:-1,directionalLength:-1,pointLength:-1,spotLength:-1,rectAreaLength:-1,hemiLength:-1,numSunShadows:-1,numDirectionalShadows:-1,numPointShadows:-1,numSpotShadows:-1,numSpotMaps:-1,numLightProbes:-1},ambient:[0,0,0],probe:[],sun:[],sunShadow:[],sunShadowMap:[],sunShadowMatrix:[],sunShadowCascade:[],directional:[],directionalShadow:[],directionalShadowMap:[],directionalShadowMatrix:[],spot:[],spotLightMap:[],spotShadow:[],spotShadowMap:[],spotLightMatrix:[],rectArea:[],rectAreaLTC1:null,rectAreaLTC2:null,point:[],pointShadow:[],pointShadowMap:[],pointShadowMatrix:[],hemi:[],numSpotLightShadowsWithMaps:0,numLightProbes:0};for(let l=0;l<9;l++)n.probe.push(new D);let s=new D,a=new et,r=new et;function o(l){let d=0,h=0,f=0;for(let V=0;V<9;V++)n.probe[V].set(0,0,0);let u=0,b=0,y=0,p=0,m=0,v=0,E=0,M=0,A=0,T=0,g=0,w=0,B=0,I=0;l.sort(e3);for(let V=0,Y=l.length;V<Y;V++){let P=l[V],X=P.color,K=P.intensity,G=P.distance,ne=null;if(P.shadow&&P.shadow.map&&(P.shadow.map.texture.format===fi?ne=P.shadow.map.texture:ne=P.shadow.map.depthTexture||P.shadow.map.texture),P.isAmbientLight)d+=X.r*K,h+=X.g*K,f+=X.b*K;else if(P.isLightProbe){for(let W=0;W<9;W++)n.probe[W].addScaledVector(P.sh.coefficients[W],K);I++}else if(P.isSunLight){let W=e.get(P);if(W.color.copy(P.color).multiplyScalar(P.intensity),P.castShadow){let Q=P.shadow,ee=t.get(P);ee.shadowIntensity=Q.intensity,ee.shadowBias=Q.bias,ee.shadowNormalBias=Q.normalBias,ee.shadowRadius=Q.radius,ee.shadowMapSize.copy(Q.mapSize).multiply(Q.getFrameExtents()),n.sunShadow[b]=ee,n.sunShadowMap[b]=ne;let Me=Q.getViewportCount();for(let De=0;De<Me;De++)n.sunShadowMatrix[y+De]=Q.getMatrix(De),n.sunShadowCascade[y+De]=Q._cascadeData[De];y+=Me,b++}n.sun[u]=W,u++}else if(P.isDirectionalLight){let W=e.get(P);if(W.color.copy(P.color).multiplyScalar(P.intensity),P.castShadow){let Q=P.shadow,ee=t.get(P);ee.shadowIntensity=Q.intensity,ee.shadowBias=Q.bias,ee.shadowNormalBias=Q.normalBias,ee.shadowRadius=Q.radius,ee.shadowMapSize=Q.mapSize,n.directionalShadow[p]=ee,n.directionalShadowMap[p]=ne,n.directionalShadowMatrix[p]=P.shadow.matrix,A++}n.directional[p]=W,p++}else if(P.isSpotLight){let W=e.get(P);W.position.setFromMatrixPosition(P.matrixWorld),W.color.copy(X).multiplyScalar(K),W.distance=G,W.coneCos=Math.cos(P.angle),W.penumbraCos=Math.cos(P.angle*(1-P.penumbra)),W.decay=P.decay,n.spot[v]=W;let Q=P.shadow;if(P.map&&(n.spotLightMap[w]=P.map,w++,Q.updateMatrices(P),P.castShadow&&B++),n.spotLightMatrix[v]=Q.matrix,P.castShadow){let ee=t.get(P);ee.shadowIntensity=Q.intensity,ee.shadowBias=Q.bias,ee.shadowNormalBias=Q.normalBias,ee.shadowRadius=Q.radius,ee.shadowMapSize=Q.mapSize,n.spotShadow[v]=ee,n.spotShadowMap[v]=ne,g++}v++}else if(P.isRectAreaLight){let W=e.get(P);W.color.copy(X).multiplyScalar(K),W.halfWidth.set(P.width*.5,0,0),W.halfHeight.set(0,P.height*.5,0),n.rectArea[E]=W,E++}else if(P.isPointLight){let W=e.get(P);if(W.color.copy(P.color).multiplyScalar(P.intensity),W.distance=P.distance,W.decay=P.decay,P.castShadow){let Q=P.shadow,ee=t.get(P);ee.shadowIntensity=Q.intensity,ee.shadowBias=Q.bias,ee.shadowNormalBias=Q.normalBias,ee.shadowRadius=Q.radius,ee.shadowMapSize=Q.mapSize,ee.shadowCameraNear=Q.camera.near,ee.shadowCameraFar=Q.camera.far,n.pointShadow[m]=ee,n.pointShadowMap[m]=ne,n.pointShadowMatrix[m]=P.shadow.matrix,T++}n.point[m]=W,m++}else if(P.isHemisphereLight){let W=e.get(P);W.skyColor.copy(P.color).multiplyScalar(K),W.groundColor.copy(P.groundColor).multiplyScalar(K),n.hemi[M]=W,M++}}E>0&&(i.has("OES_texture_float_linear")===!0?(n.rectAreaLTC1=pe.LTC_FLOAT_1,n.rectAreaLTC2=pe.LTC_FLOAT_2):(n.rectAreaLTC1=pe.LTC_HALF_1,n.rectAreaLTC2=pe.LTC_HALF_2)),n.ambient[0]=d,n.ambient[1]=h,n.ambient[2]=f;let N=n.hash;(N.sunLength!==u||N.directionalLength!==p||N.pointLength!==m||N.spotLength!==v||N.rectAreaLength!==E||N.hemiLength!==M||N.numSunShadows!==b||N.numDirectionalShadows!==A||N.numPointShadows!==T||N.numSpotShadows!==g||N.numSpotMaps!==w||N.numLightProbes!==I)&&(n.sun.length=u,n.directional.length=p,n.spot.length=v,n.rectArea.length=E,n.point.length=m,n.hemi.length=M,n.sunShadow.length=b,n.sunShadowMap.length=b,n.sunShadowMatrix.length=y,n.sunShadowCascade.length=y,n.directionalShadow.length=A,n.directionalShadowMap.length=A,n.directionalShadowMatrix.length=A,n.pointShadow.length=T,n.pointShadowMap.length=T,n.pointShadowMatrix.length=T,n.spotShadow.length=g,n.spotShadowMap.length=g,n.spotLightMatrix.length=g+w-B,n.spotLightMap.length=w,n.numSpotLightShadowsWithMaps=B,n.numLightProbes=I,N.sunLength=u,N.directionalLength=p,N.pointLength=m,N.spotLength=v,N.rectAreaLength=E,N.hemiLength=M,N.numSunShadows=b,N.numDirectionalShadows=A,N.numPointShadows=T,N.numSpotShadows=g,N.numSpotMaps=w,N.numLightProbes=I,n.version=Qb++)}function c(l,d){let h=0,f=0,u=0,b=0,y=0,p=0,m=d.matrixWorldInverse;for(let v=0,E=l.length;v<E;v++){let M=l[v];if(M.isSunLight){let A=n.sun[h];A.direction.setFromMatrixPosition(M.matrixWorld),A.direction.transformDirection(m),h++}else if(M.isDirectionalLight){let A=n.directional[f];A.direction.setFromMatrixPosition(M.matrixWorld),s.setFromMatrixPosition(M.target.matrixWorld),A.direction.sub(s),A.direction.transformDirection(m),f++}else if(M.isSpotLight){let A=n.spot[b];A.position.setFromMatrixPosition(M.matrixWorld),A.position.applyMatrix4(m),A.direction.setFromMatrixPosition(M.matrixWorld),s.setFromMatrixPosition(M.target.matrixWorld),A.direction.sub(s),A.direction.transformDirection(m),b++}else if(M.isRectAreaLight){let A=n.rectArea[y];A.position.setFromMatrixPosition(M.matrixWorld),A.position.applyMatrix4(m),r.identity(),a.copy(M.matrixWorld),a.premultiply(m),r.extractRotation(a),A.halfWidth.set(M.width*.5,0,0),A.halfHeight.set(0,M.height*.5,0),A.halfWidth.applyMatrix4(r),A.halfHeight.applyMatrix4(r),y++}else if(M.isPointLight){let A=n.point[u];A.position.setFromMatrixPosition(M.matrixWorld),A.position.applyMatrix4(m),u++}else if(M.isHemisphereLight){let A=n.hemi[p];A.direction.setFromMatrixPosition(M.matrixWorld),A.direction.transformDirection(m),p++}}}return{setup:o,setupView:c,state:n}}function Pf(i){let e=new t3(i),t=[],n=[],s=[];function a(h){d.camera=h,t.length=0,n.length=0,s.length=0}function r(h){h.isLightProbeGrid?s.push(h):t.push(h)}function o(h){n.push(h)}function c(){e.setup(t),s.sort((h,f)=>h.priority-f.priority||h.id-f.id)}function l(h){e.setupView(t,h)}let d={lightsArray:t,shadowsArray:n,lightProbeGridArray:s,camera:null,lights:e,transmissionRenderTarget:{},textureUnits:0};return{init:a,state:d,setupLights:c,setupLightsView:l,pushLight:r,pushShadow:o}}function n3(i){let e=new WeakMap;function t(s,a=0){let r=e.get(s),o;return r===void 0?(o=new Pf(i),e.set(s,[o])):a>=r.length?(o=new Pf(i),r.push(o)):o=r[a],o}function n(){e=new WeakMap}return{get:t,dispose:n}}var i3=`void main() {
	gl_Position = vec4( position, 1.0 );
}`,s3=`uniform sampler2D shadow_pass;
uniform vec2 resolution;
uniform float radius;
void main() {
	const float samples = float( VSM_SAMPLES );
	float mean = 0.0;
	float squared_mean = 0.0;
	float uvStride = samples <= 1.0 ? 0.0 : 2.0 / ( samples - 1.0 );
	float uvStart = samples <= 1.0 ? 0.0 : - 1.0;
	for ( float i = 0.0; i < samples; i ++ ) {
		float uvOffset = uvStart + i * uvStride;
		#ifdef HORIZONTAL_PASS
			vec2 distribution = texture2D( shadow_pass, ( gl_FragCoord.xy + vec2( uvOffset, 0.0 ) * radius ) / resolution ).rg;
			mean += distribution.x;
			squared_mean += distribution.y * distribution.y + distribution.x * distribution.x;
		#else
			float depth = texture2D( shadow_pass, ( gl_FragCoord.xy + vec2( 0.0, uvOffset ) * radius ) / resolution ).r;
			mean += depth;
			squared_mean += depth * depth;
		#endif
	}
	mean = mean / samples;
	squared_mean = squared_mean / samples;
	float std_dev = sqrt( max( 0.0, squared_mean - mean * mean ) );
	gl_FragColor = vec4( mean, std_dev, 0.0, 1.0 );
}`,a3=[new D(1,0,0),new D(-1,0,0),new D(0,1,0),new D(0,-1,0),new D(0,0,1),new D(0,0,-1)],r3=[new D(0,-1,0),new D(0,-1,0),new D(0,0,1),new D(0,0,-1),new D(0,-1,0),new D(0,-1,0)],If=new et,Qs=new D,Gc=new D;function o3(i,e,t){let n=new ii,s=new Re,a=new Re,r=new ot,o=new er,c=new tr,l={},d=t.maxTextureSize,h={[di]:Ut,[Ut]:di,[yn]:yn},f=new xn({defines:{VSM_SAMPLES:8},uniforms:{shadow_pass:{value:null},resolution:{value:new Re},radius:{value:4}},vertexShader:i3,fragmentShader:s3}),u=f.clone();u.defines.HORIZONTAL_PASS=1;let b=new zt;b.setAttribute("position",new dt(new Float32Array([-1,-1,.5,3,-1,.5,-1,3,.5]),3));let y=new kt(b,f),p=this;this.enabled=!1,this.autoUpdate=!0,this.needsUpdate=!1,this.type=Xs;let m=this.type;this.render=function(T,g,w){if(p.enabled===!1||p.autoUpdate===!1&&p.needsUpdate===!1||T.length===0)return;this.type===Sd&&(Te("WebGLShadowMap: PCFSoftShadowMap has been removed. Using PCFShadowMap instead."),this.type=Xs);let B=i.getRenderTarget(),I=i.getActiveCubeFace(),N=i.getActiveMipmapLevel(),V=i.state;V.setBlending(vi),V.buffers.depth.getReversed()===!0?V.buffers.color.setClear(0,0,0,0):V.buffers.color.setClear(1,1,1,1),V.buffers.depth.setTest(!0),V.setScissorTest(!1);let Y=m!==this.type;Y&&g.traverse(function(P){P.material&&(Array.isArray(P.material)?P.material.forEach(X=>X.needsUpdate=!0):P.material.needsUpdate=!0)});for(let P=0,X=T.length;P<X;P++){let K=T[P],G=K.shadow;if(G===void 0){Te("WebGLShadowMap:",K,"has no shadow.");continue}if(G.autoUpdate===!1&&G.needsUpdate===!1)continue;s.copy(G.mapSize);let ne=G.getFrameExtents();s.multiply(ne),a.copy(G.mapSize),(s.x>d||s.y>d)&&(s.x>d&&(a.x=Math.floor(d/ne.x),s.x=a.x*ne.x,G.mapSize.x=a.x),s.y>d&&(a.y=Math.floor(d/ne.y),s.y=a.y*ne.y,G.mapSize.y=a.y));let W=i.state.buffers.depth.getReversed();if(G.camera._reversedDepth=W,G.map===null||Y===!0){if(G.map!==null&&(G.map.depthTexture!==null&&(G.map.depthTexture.dispose(),G.map.depthTexture=null),G.map.dispose()),this.type===as){if(K.isPointLight){Te("WebGLShadowMap: VSM shadow maps are not supported for PointLights. Use PCF or BasicShadowMap instead.");continue}G.map=new Zt(s.x,s.y,{format:fi,type:hn,minFilter:Dt,magFilter:Dt,generateMipmaps:!1}),G.map.texture.name=K.name+".shadowMap",G.map.depthTexture=new On(s.x,s.y,fn),G.map.depthTexture.name=K.name+".shadowMapDepth",G.map.depthTexture.format=Nn,G.map.depthTexture.compareFunction=null,G.map.depthTexture.minFilter=wt,G.map.depthTexture.magFilter=wt}else K.isPointLight?(G.map=new ta(s.x),G.map.depthTexture=new Ds(s.x,dn)):(G.map=new Zt(s.x,s.y),G.map.depthTexture=new On(s.x,s.y,dn)),G.map.depthTexture.name=K.name+".shadowMap",G.map.depthTexture.format=Nn,this.type===Xs?(G.map.depthTexture.compareFunction=W?Rc:Cc,G.map.depthTexture.minFilter=Dt,G.map.depthTexture.magFilter=Dt):(G.map.depthTexture.compareFunction=null,G.map.depthTexture.minFilter=wt,G.map.depthTexture.magFilter=wt);G.camera.updateProjectionMatrix()}G.map.isWebGLCubeRenderTarget!==!0&&(G.map.width!==s.x||G.map.height!==s.y)&&G.map.setSize(s.x,s.y);let Q=G.map.isWebGLCubeRenderTarget?6:G.getViewportCount();K.isPointLight!==!0&&G.updateMatrices(K,w);let ee=(G.camera.layers.mask&4294967294)!==0?G.camera.layers:w.layers;for(let Me=0;Me<Q;Me++){let De=G.getCamera(Me);if(K.isPointLight){let Z=G.camera,me=G.matrix,xe=K.distance||Z.far;xe!==Z.far&&(Z.far=xe,Z.updateProjectionMatrix()),Qs.setFromMatrixPosition(K.matrixWorld),Z.position.copy(Qs),Gc.copy(Z.position),Gc.add(a3[Me]),Z.up.copy(r3[Me]),Z.lookAt(Gc),Z.updateMatrixWorld(),me.makeTranslation(-Qs.x,-Qs.y,-Qs.z),If.multiplyMatrices(Z.projectionMatrix,Z.matrixWorldInverse),G._frustum.setFromProjectionMatrix(If,Z.coordinateSystem,Z.reversedDepth)}if(G.map.isWebGLCubeRenderTarget)i.setRenderTarget(G.map,Me),i.clear();else{Me===0&&(i.setRenderTarget(G.map),i.clear());let Z=G.getViewport(Me);r.set(a.x*Z.x,a.y*Z.y,a.x*Z.z,a.y*Z.w),V.viewport(r)}n=G.getFrustum(Me),M(g,w,De,K,ee,this.type)}G.isPointLightShadow!==!0&&this.type===as&&v(G,w),G.needsUpdate=!1}m=this.type,p.needsUpdate=!1,i.setRenderTarget(B,I,N)};function v(T,g){let w=e.update(y);f.defines.VSM_SAMPLES!==T.blurSamples&&(f.defines.VSM_SAMPLES=T.blurSamples,u.defines.VSM_SAMPLES=T.blurSamples,f.needsUpdate=!0,u.needsUpdate=!0),T.mapPass===null?T.mapPass=new Zt(s.x,s.y,{format:fi,type:hn}):(T.mapPass.width!==T.map.width||T.mapPass.height!==T.map.height)&&T.mapPass.setSize(T.map.width,T.map.height),f.uniforms.shadow_pass.value=T.map.depthTexture,f.uniforms.resolution.value.set(T.map.width,T.map.height),f.uniforms.radius.value=T.radius,i.setRenderTarget(T.mapPass),i.clear(),i.renderBufferDirect(g,null,w,f,y,null),u.uniforms.shadow_pass.value=T.mapPass.texture,u.uniforms.resolution.value.set(T.map.width,T.map.height),u.uniforms.radius.value=T.radius,i.setRenderTarget(T.map),i.clear(),i.renderBufferDirect(g,null,w,u,y,null)}function E(T,g,w,B){let I=null,N=w.isPointLight===!0?T.customDistanceMaterial:T.customDepthMaterial;if(N!==void 0)I=N;else if(I=w.isPointLight===!0?c:o,i.localClippingEnabled&&g.clipShadows===!0&&Array.isArray(g.clippingPlanes)&&g.clippingPlanes.length!==0||g.displacementMap&&g.displacementScale!==0||g.alphaMap&&g.alphaTest>0||g.map&&g.alphaTest>0||g.alphaToCoverage===!0){let V=I.uuid,Y=g.uuid,P=l[V];P===void 0&&(P={},l[V]=P);let X=P[Y];X===void 0&&(X=I.clone(),P[Y]=X,g.addEventListener("dispose",A)),I=X}if(I.visible=g.visible,I.wireframe=g.wireframe,B===as?I.side=g.shadowSide!==null?g.shadowSide:g.side:I.side=g.shadowSide!==null?g.shadowSide:h[g.side],I.alphaMap=g.alphaMap,I.alphaTest=g.alphaToCoverage===!0?.5:g.alphaTest,I.map=g.map,I.clipShadows=g.clipShadows,I.clippingPlanes=g.clippingPlanes,I.clipIntersection=g.clipIntersection,I.displacementMap=g.displacementMap,I.displacementScale=g.displacementScale,I.displacementBias=g.displacementBias,I.wireframeLinewidth=g.wireframeLinewidth,I.linewidth=g.linewidth,w.isPointLight===!0&&I.isMeshDistanceMaterial===!0){let V=i.properties.get(I);V.light=w}return I}function M(T,g,w,B,I,N){if(T.visible===!1)return;if(T.layers.test(I)&&(T.isMesh||T.isLine||T.isPoints)&&(T.castShadow||T.receiveShadow&&N===as)&&(!T.frustumCulled||T.intersectsFrustum(n))){T.modelViewMatrix.multiplyMatrices(w.matrixWorldInverse,T.matrixWorld);let P=e.update(T),X=T.material;if(Array.isArray(X)){let K=P.groups;for(let G=0,ne=K.length;G<ne;G++){let W=K[G],Q=X[W.materialIndex];if(Q&&Q.visible){let ee=E(T,Q,B,N);T.onBeforeShadow(i,T,g,w,P,ee,W),i.renderBufferDirect(w,null,P,ee,T,W),T.onAfterShadow(i,T,g,w,P,ee,W)}}}else if(X.visible){let K=E(T,X,B,N);T.onBeforeShadow(i,T,g,w,P,K,null),i.renderBufferDirect(w,null,P,K,T,null),T.onAfterShadow(i,T,g,w,P,K,null)}}let Y=T.children;for(let P=0,X=Y.length;P<X;P++)M(Y[P],g,w,B,I,N)}function A(T){T.target.removeEventListener("dispose",A);for(let w in l){let B=l[w],I=T.target.uuid;I in B&&(B[I].dispose(),delete B[I])}}}function c3(i,e){function t(){let C=!1,J=new ot,H=null,ce=new ot(0,0,0,0);return{setMask:function(se){H!==se&&!C&&(i.colorMask(se,se,se,se),H=se)},setLocked:function(se){C=se},setClear:function(se,re,we,Be,ie){ie===!0&&(se*=Be,re*=Be,we*=Be),J.set(se,re,we,Be),ce.equals(J)===!1&&(i.clearColor(se,re,we,Be),ce.copy(J))},reset:function(){C=!1,H=null,ce.set(-1,0,0,0)}}}function n(){let C=!1,J=!1,H=null,ce=null,se=null;return{setReversed:function(re){if(J!==re){let we=e.get("EXT_clip_control");re?we.clipControlEXT(we.LOWER_LEFT_EXT,we.ZERO_TO_ONE_EXT):we.clipControlEXT(we.LOWER_LEFT_EXT,we.NEGATIVE_ONE_TO_ONE_EXT),J=re;let Be=se;se=null,this.setClear(Be)}},getReversed:function(){return J},setTest:function(re){re?be(i.DEPTH_TEST):Oe(i.DEPTH_TEST)},setMask:function(re){H!==re&&!C&&(i.depthMask(re),H=re)},setFunc:function(re){if(J&&(re=sf[re]),ce!==re){switch(re){case Ua:i.depthFunc(i.NEVER);break;case Oa:i.depthFunc(i.ALWAYS);break;case Fa:i.depthFunc(i.LESS);break;case Wi:i.depthFunc(i.LEQUAL);break;case Ba:i.depthFunc(i.EQUAL);break;case za:i.depthFunc(i.GEQUAL);break;case ka:i.depthFunc(i.GREATER);break;case Va:i.depthFunc(i.NOTEQUAL);break;default:i.depthFunc(i.LEQUAL)}ce=re}},setLocked:function(re){C=re},setClear:function(re){se!==re&&(se=re,J&&(re=1-re),i.clearDepth(re))},reset:function(){C=!1,H=null,ce=null,se=null,J=!1}}}function s(){let C=!1,J=null,H=null,ce=null,se=null,re=null,we=null,Be=null,ie=null;return{setTest:function(Ee){C||(Ee?be(i.STENCIL_TEST):Oe(i.STENCIL_TEST))},setMask:function(Ee){J!==Ee&&!C&&(i.stencilMask(Ee),J=Ee)},setFunc:function(Ee,Fe,ue){(H!==Ee||ce!==Fe||se!==ue)&&(i.stencilFunc(Ee,Fe,ue),H=Ee,ce=Fe,se=ue)},setOp:function(Ee,Fe,ue){(re!==Ee||we!==Fe||Be!==ue)&&(i.stencilOp(Ee,Fe,ue),re=Ee,we=Fe,Be=ue)},setLocked:function(Ee){C=Ee},setClear:function(Ee){ie!==Ee&&(i.clearStencil(Ee),ie=Ee)},reset:function(){C=!1,J=null,H=null,ce=null,se=null,re=null,we=null,Be=null,ie=null}}}let a=new t,r=new n,o=new s,c={},l=new WeakMap,d={},h={},f={},u=new WeakMap,b=[],y=null,p=!1,m=null,v=null,E=null,M=null,A=null,T=null,g=null,w=new Ge(0,0,0),B=0,I=!1,N=null,V=null,Y=null,P=null,X=null,K=i.getParameter(i.MAX_COMBINED_TEXTURE_IMAGE_UNITS),G=!1,ne=0,W=i.getParameter(i.VERSION);W.indexOf("WebGL")!==-1?(ne=parseFloat(/^WebGL (\d)/.exec(W)[1]),G=ne>=1):W.indexOf("OpenGL ES")!==-1&&(ne=parseFloat(/^OpenGL ES (\d)/.exec(W)[1]),G=ne>=2);let Q=null,ee={},Me=i.getParameter(i.SCISSOR_BOX),De=i.getParameter(i.VIEWPORT),Z=new ot().fromArray(Me),me=new ot().fromArray(De);function xe(C,J,H,ce){let se=new Uint8Array(4),re=i.createTexture();i.bindTexture(C,re),i.texParameteri(C,i.TEXTURE_MIN_FILTER,i.NEAREST),i.texParameteri(C,i.TEXTURE_MAG_FILTER,i.NEAREST);for(let we=0;we<H;we++)C===i.TEXTURE_3D||C===i.TEXTURE_2D_ARRAY?i.texImage3D(J,0,i.RGBA,1,1,ce,0,i.RGBA,i.UNSIGNED_BYTE,se):i.texImage2D(J+we,0,i.RGBA,1,1,0,i.RGBA,i.UNSIGNED_BYTE,se);return re}let Ae={};Ae[i.TEXTURE_2D]=xe(i.TEXTURE_2D,i.TEXTURE_2D,1),Ae[i.TEXTURE_CUBE_MAP]=xe(i.TEXTURE_CUBE_MAP,i.TEXTURE_CUBE_MAP_POSITIVE_X,6),Ae[i.TEXTURE_2D_ARRAY]=xe(i.TEXTURE_2D_ARRAY,i.TEXTURE_2D_ARRAY,1,1),Ae[i.TEXTURE_3D]=xe(i.TEXTURE_3D,i.TEXTURE_3D,1,1),a.setClear(0,0,0,1),r.setClear(1),o.setClear(0),be(i.DEPTH_TEST),r.setFunc(Wi),Ot(!1),ct(oc),be(i.CULL_FACE),Et(vi);function be(C){d[C]!==!0&&(i.enable(C),d[C]=!0)}function Oe(C){d[C]!==!1&&(i.disable(C),d[C]=!1)}function ht(C,J){return f[C]!==J?(i.bindFramebuffer(C,J),f[C]=J,C===i.DRAW_FRAMEBUFFER&&(f[i.FRAMEBUFFER]=J),C===i.FRAMEBUFFER&&(f[i.DRAW_FRAMEBUFFER]=J),!0):!1}function Pe(C,J){let H=b,ce=!1;if(C){H=u.get(J),H===void 0&&(H=[],u.set(J,H));let se=C.textures;if(H.length!==se.length||H[0]!==i.COLOR_ATTACHMENT0){for(let re=0,we=se.length;re<we;re++)H[re]=i.COLOR_ATTACHMENT0+re;H.length=se.length,ce=!0}}else H[0]!==i.BACK&&(H[0]=i.BACK,ce=!0);ce&&i.drawBuffers(H)}function Je(C){return y!==C?(i.useProgram(C),y=C,!0):!1}let je={[Mi]:i.FUNC_ADD,[Ed]:i.FUNC_SUBTRACT,[Td]:i.FUNC_REVERSE_SUBTRACT};je[Ad]=i.MIN,je[Cd]=i.MAX;let He={[Rd]:i.ZERO,[Pd]:i.ONE,[Id]:i.SRC_COLOR,[fc]:i.SRC_ALPHA,[Fd]:i.SRC_ALPHA_SATURATE,[Ud]:i.DST_COLOR,[Nd]:i.DST_ALPHA,[Ld]:i.ONE_MINUS_SRC_COLOR,[hc]:i.ONE_MINUS_SRC_ALPHA,[Od]:i.ONE_MINUS_DST_COLOR,[Dd]:i.ONE_MINUS_DST_ALPHA,[Bd]:i.CONSTANT_COLOR,[zd]:i.ONE_MINUS_CONSTANT_COLOR,[kd]:i.CONSTANT_ALPHA,[Vd]:i.ONE_MINUS_CONSTANT_ALPHA};function Et(C,J,H,ce,se,re,we,Be,ie,Ee){if(C===vi){p===!0&&(Oe(i.BLEND),p=!1);return}if(p===!1&&(be(i.BLEND),p=!0),C!==wd){if(C!==m||Ee!==I){if((v!==Mi||A!==Mi)&&(i.blendEquation(i.FUNC_ADD),v=Mi,A=Mi),Ee)switch(C){case rs:i.blendFuncSeparate(i.ONE,i.ONE_MINUS_SRC_ALPHA,i.ONE,i.ONE_MINUS_SRC_ALPHA);break;case cc:i.blendFunc(i.ONE,i.ONE);break;case lc:i.blendFuncSeparate(i.ZERO,i.ONE_MINUS_SRC_COLOR,i.ZERO,i.ONE);break;case dc:i.blendFuncSeparate(i.DST_COLOR,i.ONE_MINUS_SRC_ALPHA,i.ZERO,i.ONE);break;default:Ie("WebGLState: Invalid blending: ",C);break}else switch(C){case rs:i.blendFuncSeparate(i.SRC_ALPHA,i.ONE_MINUS_SRC_ALPHA,i.ONE,i.ONE_MINUS_SRC_ALPHA);break;case cc:i.blendFuncSeparate(i.SRC_ALPHA,i.ONE,i.ONE,i.ONE);break;case lc:Ie("WebGLState: SubtractiveBlending requires material.premultipliedAlpha = true");break;case dc:Ie("WebGLState: MultiplyBlending requires material.premultipliedAlpha = true");break;default:Ie("WebGLState: Invalid blending: ",C);break}E=null,M=null,T=null,g=null,w.set(0,0,0),B=0,m=C,I=Ee}return}se=se||J,re=re||H,we=we||ce,(J!==v||se!==A)&&(i.blendEquationSeparate(je[J],je[se]),v=J,A=se),(H!==E||ce!==M||re!==T||we!==g)&&(i.blendFuncSeparate(He[H],He[ce],He[re],He[we]),E=H,M=ce,T=re,g=we),(Be.equals(w)===!1||ie!==B)&&(i.blendColor(Be.r,Be.g,Be.b,ie),w.copy(Be),B=ie),m=C,I=!1}function mt(C,J){C.side===yn?Oe(i.CULL_FACE):be(i.CULL_FACE);let H=C.side===Ut;J&&(H=!H),Ot(H),C.blending===rs&&C.transparent===!1?Et(vi):Et(C.blending,C.blendEquation,C.blendSrc,C.blendDst,C.blendEquationAlpha,C.blendSrcAlpha,C.blendDstAlpha,C.blendColor,C.blendAlpha,C.premultipliedAlpha),r.setFunc(C.depthFunc),r.setTest(C.depthTest),r.setMask(C.depthWrite),a.setMask(C.colorWrite);let ce=C.stencilWrite;o.setTest(ce),ce&&(o.setMask(C.stencilWriteMask),o.setFunc(C.stencilFunc,C.stencilRef,C.stencilFuncMask),o.setOp(C.stencilFail,C.stencilZFail,C.stencilZPass)),yt(C.polygonOffset,C.polygonOffsetFactor,C.polygonOffsetUnits),C.alphaToCoverage===!0?be(i.SAMPLE_ALPHA_TO_COVERAGE):Oe(i.SAMPLE_ALPHA_TO_COVERAGE)}function Ot(C){N!==C&&(C?i.frontFace(i.CW):i.frontFace(i.CCW),N=C)}function ct(C){C!==vd?(be(i.CULL_FACE),C!==V&&(C===oc?i.cullFace(i.BACK):C===Md?i.cullFace(i.FRONT):i.cullFace(i.FRONT_AND_BACK))):Oe(i.CULL_FACE),V=C}function mn(C){C!==Y&&(G&&i.lineWidth(C),Y=C)}function yt(C,J,H){C?(be(i.POLYGON_OFFSET_FILL),(P!==J||X!==H)&&(P=J,X=H,r.getReversed()&&(J=-J,H=-H),i.polygonOffset(J,H))):Oe(i.POLYGON_OFFSET_FILL)}function jt(C){C?be(i.SCISSOR_TEST):Oe(i.SCISSOR_TEST)}function Qt(C){C===void 0&&(C=i.TEXTURE0+K-1),Q!==C&&(i.activeTexture(C),Q=C)}function en(C,J,H){H===void 0&&(Q===null?H=i.TEXTURE0+K-1:H=Q);let ce=ee[H];ce===void 0&&(ce={type:void 0,texture:void 0},ee[H]=ce),(ce.type!==C||ce.texture!==J)&&(Q!==H&&(i.activeTexture(H),Q=H),i.bindTexture(C,J||Ae[C]),ce.type=C,ce.texture=J)}function L(){let C=ee[Q];C!==void 0&&C.type!==void 0&&(i.bindTexture(C.type,null),C.type=void 0,C.texture=void 0)}function tn(){try{i.compressedTexImage2D(...arguments)}catch(C){Ie("WebGLState:",C)}}function at(){try{i.compressedTexImage3D(...arguments)}catch(C){Ie("WebGLState:",C)}}function rt(){try{i.texSubImage2D(...arguments)}catch(C){Ie("WebGLState:",C)}}function he(){try{i.texSubImage3D(...arguments)}catch(C){Ie("WebGLState:",C)}}function bt(){try{i.compressedTexSubImage2D(...arguments)}catch(C){Ie("WebGLState:",C)}}function Ce(){try{i.compressedTexSubImage3D(...arguments)}catch(C){Ie("WebGLState:",C)}}function Ne(){try{i.texStorage2D(...arguments)}catch(C){Ie("WebGLState:",C)}}function S(){try{i.texStorage3D(...arguments)}catch(C){Ie("WebGLState:",C)}}function _(){try{i.texImage2D(...arguments)}catch(C){Ie("WebGLState:",C)}}function O(){try{i.texImage3D(...arguments)}catch(C){Ie("WebGLState:",C)}}function te(C){return h[C]!==void 0?h[C]:i.getParameter(C)}function j(C,J){h[C]!==J&&(i.pixelStorei(C,J),h[C]=J)}function ae(C){Z.equals(C)===!1&&(i.scissor(C.x,C.y,C.z,C.w),Z.copy(C))}function de(C){me.equals(C)===!1&&(i.viewport(C.x,C.y,C.z,C.w),me.copy(C))}function q(C,J){let H=l.get(J);H===void 0&&(H=new WeakMap,l.set(J,H));let ce=H.get(C);ce===void 0&&(ce=i.getUniformBlockIndex(J,C.name),i.uniformBlockBinding(J,ce,ce),H.set(C,ce))}function $(C,J,H){let se=l.get(J).get(C);c[se]!==H&&(i.bindBufferBase(i.UNIFORM_BUFFER,se,H),c[se]=H)}function oe(){i.disable(i.BLEND),i.disable(i.CULL_FACE),i.disable(i.DEPTH_TEST),i.disable(i.POLYGON_OFFSET_FILL),i.disable(i.SCISSOR_TEST),i.disable(i.STENCIL_TEST),i.disable(i.SAMPLE_ALPHA_TO_COVERAGE),i.blendEquation(i.FUNC_ADD),i.blendFunc(i.ONE,i.ZERO),i.blendFuncSeparate(i.ONE,i.ZERO,i.ONE,i.ZERO),i.blendColor(0,0,0,0),i.colorMask(!0,!0,!0,!0),i.clearColor(0,0,0,0),i.depthMask(!0),i.depthFunc(i.LESS),r.setReversed(!1),i.clearDepth(1),i.stencilMask(4294967295),i.stencilFunc(i.ALWAYS,0,4294967295),i.stencilOp(i.KEEP,i.KEEP,i.KEEP),i.clearStencil(0),i.cullFace(i.BACK),i.frontFace(i.CCW),i.polygonOffset(0,0),i.activeTexture(i.TEXTURE0),i.bindFramebuffer(i.FRAMEBUFFER,null),i.bindFramebuffer(i.DRAW_FRAMEBUFFER,null),i.bindFramebuffer(i.READ_FRAMEBUFFER,null),i.useProgram(null),i.lineWidth(1),i.scissor(0,0,i.canvas.width,i.canvas.height),i.viewport(0,0,i.canvas.width,i.canvas.height),i.pixelStorei(i.PACK_ALIGNMENT,4),i.pixelStorei(i.UNPACK_ALIGNMENT,4),i.pixelStorei(i.UNPACK_FLIP_Y_WEBGL,!1),i.pixelStorei(i.UNPACK_PREMULTIPLY_ALPHA_WEBGL,!1),i.pixelStorei(i.UNPACK_COLORSPACE_CONVERSION_WEBGL,i.BROWSER_DEFAULT_WEBGL),i.pixelStorei(i.PACK_ROW_LENGTH,0),i.pixelStorei(i.PACK_SKIP_PIXELS,0),i.pixelStorei(i.PACK_SKIP_ROWS,0),i.pixelStorei(i.UNPACK_ROW_LENGTH,0),i.pixelStorei(i.UNPACK_IMAGE_HEIGHT,0),i.pixelStorei(i.UNPACK_SKIP_PIXELS,0),i.pixelStorei(i.UNPACK_SKIP_ROWS,0),i.pixelStorei(i.UNPACK_SKIP_IMAGES,0),d={},h={},Q=null,ee={},f={},c={},u=new WeakMap,b=[],y=null,p=!1,m=null,v=null,E=null,M=null,A=null,T=null,g=null,w=new Ge(0,0,0),B=0,I=!1,N=null,V=null,Y=null,P=null,X=null,Z.set(0,0,i.canvas.width,i.canvas.height),me.set(0,0,i.canvas.width,i.canvas.height),a.reset(),r.reset(),o.reset()}return{buffers:{color:a,depth:r,stencil:o},enable:be,disable:Oe,bindFramebuffer:ht,drawBuffers:Pe,useProgram:Je,setBlending:Et,setMaterial:mt,setFlipSided:Ot,setCullFace:ct,setLineWidth:mn,setPolygonOffset:yt,setScissorTest:jt,activeTexture:Qt,bindTexture:en,unbindTexture:L,compressedTexImage2D:tn,compressedTexImage3D:at,texImage2D:_,texImage3D:O,pixelStorei:j,getParameter:te,updateUBOMapping:q,uniformBlockBinding:$,texStorage2D:Ne,texStorage3D:S,texSubImage2D:rt,texSubImage3D:he,compressedTexSubImage2D:bt,compressedTexSubImage3D:Ce,scissor:ae,viewport:de,reset:oe}}function l3(i,e,t,n,s,a,r){let o=e.has("WEBGL_multisampled_render_to_texture")?e.get("WEBGL_multisampled_render_to_texture"):null,c=typeof navigator>"u"?!1:/OculusBrowser/g.test(navigator.userAgent),l=new Re,d=new WeakMap,h=new Set,f,u=new WeakMap,b=new Set,y=new FinalizationRegistry(S=>b.delete(S)),p=!1;try{p=typeof OffscreenCanvas<"u"&&new OffscreenCanvas(1,1).getContext("2d")!==null}catch{}function m(S,_){return p?new OffscreenCanvas(S,_):Cs("canvas")}function v(S,_,O){let te=1,j=Ne(S);if((j.width>O||j.height>O)&&(te=O/Math.max(j.width,j.height)),te<1)if(typeof HTMLImageElement<"u"&&S instanceof HTMLImageElement||typeof HTMLCanvasElement<"u"&&S instanceof HTMLCanvasElement||typeof ImageBitmap<"u"&&S instanceof ImageBitmap||typeof VideoFrame<"u"&&S instanceof VideoFrame){let ae=Math.floor(te*j.width),de=Math.floor(te*j.height);f===void 0&&(f=m(ae,de));let q=_?m(ae,de):f;return q.width=ae,q.height=de,q.getContext("2d").drawImage(S,0,0,ae,de),Te("WebGLRenderer: Texture has been resized from ("+j.width+"x"+j.height+") to ("+ae+"x"+de+")."),q}else return"data"in S&&Te("WebGLRenderer: Image in DataTexture is too big ("+j.width+"x"+j.height+")."),S;return S}function E(S){return S.generateMipmaps}function M(S){i.generateMipmap(S)}function A(S){return S.isWebGLCubeRenderTarget?i.TEXTURE_CUBE_MAP:S.isWebGL3DRenderTarget?i.TEXTURE_3D:S.isWebGLArrayRenderTarget||S.isCompressedArrayTexture?i.TEXTURE_2D_ARRAY:i.TEXTURE_2D}function T(S,_,O,te,j,ae=!1){if(S!==null){if(i[S]!==void 0)return i[S];Te("WebGLRenderer: Attempt to use non-existing WebGL internal format '"+S+"'")}let de;te&&(de=e.get("EXT_texture_norm16"),de||Te("WebGLRenderer: Unable to use normalized textures without EXT_texture_norm16 extension"));let q=_;if(_===i.RED&&(O===i.FLOAT&&(q=i.R32F),O===i.HALF_FLOAT&&(q=i.R16F),O===i.UNSIGNED_BYTE&&(q=i.R8),O===i.UNSIGNED_SHORT&&de&&(q=de.R16_EXT),O===i.SHORT&&de&&(q=de.R16_SNORM_EXT)),_===i.RED_INTEGER&&(O===i.UNSIGNED_BYTE&&(q=i.R8UI),O===i.UNSIGNED_SHORT&&(q=i.R16UI),O===i.UNSIGNED_INT&&(q=i.R32UI),O===i.BYTE&&(q=i.R8I),O===i.SHORT&&(q=i.R16I),O===i.INT&&(q=i.R32I)),_===i.RG&&(O===i.FLOAT&&(q=i.RG32F),O===i.HALF_FLOAT&&(q=i.RG16F),O===i.UNSIGNED_BYTE&&(q=i.RG8),O===i.UNSIGNED_SHORT&&de&&(q=de.RG16_EXT),O===i.SHORT&&de&&(q=de.RG16_SNORM_EXT)),_===i.RG_INTEGER&&(O===i.UNSIGNED_BYTE&&(q=i.RG8UI),O===i.UNSIGNED_SHORT&&(q=i.RG16UI),O===i.UNSIGNED_INT&&(q=i.RG32UI),O===i.BYTE&&(q=i.RG8I),O===i.SHORT&&(q=i.RG16I),O===i.INT&&(q=i.RG32I)),_===i.RGB_INTEGER&&(O===i.UNSIGNED_BYTE&&(q=i.RGB8UI),O===i.UNSIGNED_SHORT&&(q=i.RGB16UI),O===i.UNSIGNED_INT&&(q=i.RGB32UI),O===i.BYTE&&(q=i.RGB8I),O===i.SHORT&&(q=i.RGB16I),O===i.INT&&(q=i.RGB32I)),_===i.RGBA_INTEGER&&(O===i.UNSIGNED_BYTE&&(q=i.RGBA8UI),O===i.UNSIGNED_SHORT&&(q=i.RGBA16UI),O===i.UNSIGNED_INT&&(q=i.RGBA32UI),O===i.BYTE&&(q=i.RGBA8I),O===i.SHORT&&(q=i.RGBA16I),O===i.INT&&(q=i.RGBA32I)),_===i.RGB&&(O===i.UNSIGNED_SHORT&&de&&(q=de.RGB16_EXT),O===i.SHORT&&de&&(q=de.RGB16_SNORM_EXT),O===i.UNSIGNED_INT_5_9_9_9_REV&&(q=i.RGB9_E5),O===i.UNSIGNED_INT_10F_11F_11F_REV&&(q=i.R11F_G11F_B10F)),_===i.RGBA){let $=ae?As:ke.getTransfer(j);O===i.FLOAT&&(q=i.RGBA32F),O===i.HALF_FLOAT&&(q=i.RGBA16F),O===i.UNSIGNED_BYTE&&(q=$===Ze?i.SRGB8_ALPHA8:i.RGBA8),O===i.UNSIGNED_SHORT&&de&&(q=de.RGBA16_EXT),O===i.SHORT&&de&&(q=de.RGBA16_SNORM_EXT),O===i.UNSIGNED_SHORT_4_4_4_4&&(q=i.RGBA4),O===i.UNSIGNED_SHORT_5_5_5_1&&(q=i.RGB5_A1)}return(q===i.R16F||q===i.R32F||q===i.RG16F||q===i.RG32F||q===i.RGBA16F||q===i.RGBA32F)&&e.get("EXT_color_buffer_float"),q}function g(S,_){let O;return S?_===null||_===dn||_===wi?O=i.DEPTH24_STENCIL8:_===fn?O=i.DEPTH32F_STENCIL8:_===cs&&(O=i.DEPTH24_STENCIL8,Te("DepthTexture: 16 bit depth attachment is not supported with stencil. Using 24-bit attachment.")):_===null||_===dn||_===wi?O=i.DEPTH_COMPONENT24:_===fn?O=i.DEPTH_COMPONENT32F:_===cs&&(O=i.DEPTH_COMPONENT16),O}function w(S,_){return E(S)===!0||S.isFramebufferTexture&&S.minFilter!==wt&&S.minFilter!==Dt?Math.log2(Math.max(_.width,_.height))+1:S.mipmaps.length>0?S.mipmaps.length:S.isCompressedTexture&&Array.isArray(S.image)?_.mipmaps.length:1}function B(S){let _=new WeakRef(S);n.get(S).__ref=_,b.add(_),y.register(S,_,_)}function I(S){let _=n.get(S).__ref;_!==void 0&&(b.delete(_),y.unregister(_))}function N(S){Y(S.target)}function V(S){P(S.target)}function Y(S){S.removeEventListener("dispose",N),I(S),K(S),S.isVideoTexture&&d.delete(S),S.isHTMLTexture&&h.delete(S)}function P(S){S.removeEventListener("dispose",V),I(S),ne(S)}function X(){for(let S of b){let _=S.deref();_!==void 0&&(_.isRenderTarget===!0?P(_):Y(_))}b.clear(),h.clear()}function K(S){let _=n.get(S);if(_.__webglInit===void 0)return;let O=S.source,te=u.get(O);if(te){let j=te[_.__cacheKey];j.usedTimes--,j.usedTimes===0&&G(S),Object.keys(te).length===0&&u.delete(O)}n.remove(S)}function G(S){let _=n.get(S);i.deleteTexture(_.__webglTexture);let O=S.source,te=u.get(O);delete te[_.__cacheKey],r.memory.textures--}function ne(S){let _=n.get(S);_.__depthDisposeCallback&&_.__depthDisposeCallback();let O=S.depthTexture;if(O&&O.renderTarget===S&&Y(O),S.isWebGLCubeRenderTarget)for(let j=0;j<6;j++){if(Array.isArray(_.__webglFramebuffer[j]))for(let ae=0;ae<_.__webglFramebuffer[j].length;ae++)i.deleteFramebuffer(_.__webglFramebuffer[j][ae]);else i.deleteFramebuffer(_.__webglFramebuffer[j]);_.__webglDepthbuffer&&i.deleteRenderbuffer(_.__webglDepthbuffer[j])}else{if(Array.isArray(_.__webglFramebuffer))for(let j=0;j<_.__webglFramebuffer.length;j++)i.deleteFramebuffer(_.__webglFramebuffer[j]);else i.deleteFramebuffer(_.__webglFramebuffer);if(_.__webglDepthbuffer&&i.deleteRenderbuffer(_.__webglDepthbuffer),_.__webglMultisampledFramebuffer&&i.deleteFramebuffer(_.__webglMultisampledFramebuffer),_.__webglColorRenderbuffer)for(let j=0;j<_.__webglColorRenderbuffer.length;j++)_.__webglColorRenderbuffer[j]&&i.deleteRenderbuffer(_.__webglColorRenderbuffer[j]);_.__webglDepthRenderbuffer&&i.deleteRenderbuffer(_.__webglDepthRenderbuffer)}let te=S.textures;for(let j=0,ae=te.length;j<ae;j++){let de=n.get(te[j]);de.__webglTexture&&(i.deleteTexture(de.__webglTexture),r.memory.textures--),n.remove(te[j])}n.remove(S)}let W=0;function Q(){W=0}function ee(){return W}function Me(S){W=S}function De(){let S=W;return S>=s.maxTextures&&Te("WebGLTextures: Trying to use "+(S+1)+" texture units while this GPU supports only "+s.maxTextures),W+=1,S}function Z(S){let _=[];return _.push(S.wrapS),_.push(S.wrapT),_.push(S.wrapR||0),_.push(S.magFilter),_.push(S.minFilter),_.push(S.anisotropy),_.push(S.internalFormat),_.push(S.format),_.push(S.type),_.push(S.generateMipmaps),_.push(S.mipmapsAutoUpdate),_.push(S.premultiplyAlpha),_.push(S.flipY),_.push(S.unpackAlignment),_.push(S.colorSpace),_.join()}function me(S,_){let O=n.get(S);if(S.isVideoTexture&&bt(S),S.isRenderTargetTexture===!1&&S.isExternalTexture!==!0&&S.version>0&&O.__version!==S.version){let te=S.image;if(te===null)Te("WebGLRenderer: Texture marked for update but no image data found.");else if(te.complete===!1)Te("WebGLRenderer: Texture marked for update but image is incomplete");else{mt(O,S,_);return}}else S.isExternalTexture&&(O.__webglTexture=S.sourceTexture?S.sourceTexture:null);t.bindTexture(i.TEXTURE_2D,O.__webglTexture,i.TEXTURE0+_)}function xe(S,_){let O=n.get(S);if(S.isRenderTargetTexture===!1&&S.version>0&&O.__version!==S.version){mt(O,S,_);return}else S.isExternalTexture&&(O.__webglTexture=S.sourceTexture?S.sourceTexture:null);t.bindTexture(i.TEXTURE_2D_ARRAY,O.__webglTexture,i.TEXTURE0+_)}function Ae(S,_){let O=n.get(S);if(S.isRenderTargetTexture===!1&&S.version>0&&O.__version!==S.version){mt(O,S,_);return}t.bindTexture(i.TEXTURE_3D,O.__webglTexture,i.TEXTURE0+_)}function be(S,_){let O=n.get(S);if(S.version>0&&O.__version!==S.version){Ot(O,S,_);return}t.bindTexture(i.TEXTURE_CUBE_MAP,O.__webglTexture,i.TEXTURE0+_)}let Oe={[Ga]:i.REPEAT,[gn]:i.CLAMP_TO_EDGE,[Ha]:i.MIRRORED_REPEAT},ht={[wt]:i.NEAREST,[Wd]:i.NEAREST_MIPMAP_NEAREST,[qs]:i.NEAREST_MIPMAP_LINEAR,[Dt]:i.LINEAR,[gr]:i.LINEAR_MIPMAP_NEAREST,[Fn]:i.LINEAR_MIPMAP_LINEAR},Pe={[$d]:i.NEVER,[Pc]:i.ALWAYS,[Zd]:i.LESS,[Cc]:i.LEQUAL,[Jd]:i.EQUAL,[Rc]:i.GEQUAL,[Kd]:i.GREATER,[jd]:i.NOTEQUAL};function Je(S,_){if(_.type===fn&&e.has("OES_texture_float_linear")===!1&&(_.magFilter===Dt||_.magFilter===gr||_.magFilter===qs||_.magFilter===Fn||_.minFilter===Dt||_.minFilter===gr||_.minFilter===qs||_.minFilter===Fn)&&Te("WebGLRenderer: Unable to use linear filtering with floating point textures. OES_texture_float_linear not supported on this device."),i.texParameteri(S,i.TEXTURE_WRAP_S,Oe[_.wrapS]),i.texParameteri(S,i.TEXTURE_WRAP_T,Oe[_.wrapT]),(S===i.TEXTURE_3D||S===i.TEXTURE_2D_ARRAY)&&i.texParameteri(S,i.TEXTURE_WRAP_R,Oe[_.wrapR]),i.texParameteri(S,i.TEXTURE_MAG_FILTER,ht[_.magFilter]),i.texParameteri(S,i.TEXTURE_MIN_FILTER,ht[_.minFilter]),_.compareFunction&&(i.texParameteri(S,i.TEXTURE_COMPARE_MODE,i.COMPARE_REF_TO_TEXTURE),i.texParameteri(S,i.TEXTURE_COMPARE_FUNC,Pe[_.compareFunction])),e.has("EXT_texture_filter_anisotropic")===!0){if(_.magFilter===wt||_.minFilter!==qs&&_.minFilter!==Fn||_.type===fn&&e.has("OES_texture_float_linear")===!1)return;if(_.anisotropy>1||n.get(_).__currentAnisotropy){let O=e.get("EXT_texture_filter_anisotropic");i.texParameterf(S,O.TEXTURE_MAX_ANISOTROPY_EXT,Math.min(_.anisotropy,s.getMaxAnisotropy())),n.get(_).__currentAnisotropy=_.anisotropy}}}function je(S,_){let O=!1;S.__webglInit===void 0&&(S.__webglInit=!0,_.addEventListener("dispose",N),B(_));let te=_.source,j=u.get(te);j===void 0&&(j={},u.set(te,j));let ae=Z(_);if(ae!==S.__cacheKey){j[ae]===void 0&&(j[ae]={texture:i.createTexture(),usedTimes:0},r.memory.textures++,O=!0),j[ae].usedTimes++;let de=j[S.__cacheKey];de!==void 0&&(j[S.__cacheKey].usedTimes--,de.usedTimes===0&&G(_)),S.__cacheKey=ae,S.__webglTexture=j[ae].texture}return O}function He(S,_,O){return Math.floor(Math.floor(S/O)/_)}function Et(S,_,O,te){let ae=S.updateRanges;if(ae.length===0)t.texSubImage2D(i.TEXTURE_2D,0,0,0,_.width,_.height,O,te,_.data);else{ae.sort((C,J)=>C.start-J.start);let de=0;for(let C=1;C<ae.length;C++){let J=ae[de],H=ae[C],ce=J.start+J.count,se=He(H.start,_.width,4),re=He(J.start,_.width,4);H.start<=ce+1&&se===re&&He(H.start+H.count-1,_.width,4)===se?J.count=Math.max(J.count,H.start+H.count-J.start):(++de,ae[de]=H)}ae.length=de+1;let q=t.getParameter(i.UNPACK_ROW_LENGTH),$=t.getParameter(i.UNPACK_SKIP_PIXELS),oe=t.getParameter(i.UNPACK_SKIP_ROWS);t.pixelStorei(i.UNPACK_ROW_LENGTH,_.width);for(let C=0,J=ae.length;C<J;C++){let H=ae[C],ce=Math.floor(H.start/4),se=Math.ceil(H.count/4),re=ce%_.width,we=Math.floor(ce/_.width),Be=se,ie=1;t.pixelStorei(i.UNPACK_SKIP_PIXELS,re),t.pixelStorei(i.UNPACK_SKIP_ROWS,we),t.texSubImage2D(i.TEXTURE_2D,0,re,we,Be,ie,O,te,_.data)}S.clearUpdateRanges(),t.pixelStorei(i.UNPACK_ROW_LENGTH,q),t.pixelStorei(i.UNPACK_SKIP_PIXELS,$),t.pixelStorei(i.UNPACK_SKIP_ROWS,oe)}}function mt(S,_,O){let te=i.TEXTURE_2D;(_.isDataArrayTexture||_.isCompressedArrayTexture)&&(te=i.TEXTURE_2D_ARRAY),_.isData3DTexture&&(te=i.TEXTURE_3D);let j=je(S,_),ae=_.source;t.bindTexture(te,S.__webglTexture,i.TEXTURE0+O);let de=n.get(ae);if(ae.version!==de.__version||j===!0){if(t.activeTexture(i.TEXTURE0+O),(typeof ImageBitmap<"u"&&_.image instanceof ImageBitmap)===!1){let ie=ke.getPrimaries(ke.workingColorSpace),Ee=_.colorSpace===zn?null:ke.getPrimaries(_.colorSpace),Fe=_.colorSpace===zn||ie===Ee?i.NONE:i.BROWSER_DEFAULT_WEBGL;t.pixelStorei(i.UNPACK_FLIP_Y_WEBGL,_.flipY),t.pixelStorei(i.UNPACK_PREMULTIPLY_ALPHA_WEBGL,_.premultiplyAlpha),t.pixelStorei(i.UNPACK_COLORSPACE_CONVERSION_WEBGL,Fe)}t.pixelStorei(i.UNPACK_ALIGNMENT,_.unpackAlignment);let $=v(_.image,!1,s.maxTextureSize);$=Ce(_,$);let oe=a.convert(_.format,_.colorSpace),C=a.convert(_.type),J=T(_.internalFormat,oe,C,_.normalized,_.colorSpace,_.isVideoTexture);Je(te,_);let H,ce=_.mipmaps,se=_.isVideoTexture!==!0,re=de.__version===void 0||j===!0,we=ae.dataReady,Be=w(_,$);if(_.isDepthTexture)J=g(_.format===Bn,_.type),re&&(se?t.texStorage2D(i.TEXTURE_2D,1,J,$.width,$.height):t.texImage2D(i.TEXTURE_2D,0,J,$.width,$.height,0,oe,C,null));else if(_.isDataTexture)if(ce.length>0){se&&re&&t.texStorage2D(i.TEXTURE_2D,Be,J,ce[0].width,ce[0].height);for(let ie=0,Ee=ce.length;ie<Ee;ie++)H=ce[ie],se?we&&t.texSubImage2D(i.TEXTURE_2D,ie,0,0,H.width,H.height,oe,C,H.data):t.texImage2D(i.TEXTURE_2D,ie,J,H.width,H.height,0,oe,C,H.data);_.generateMipmaps=!1}else se?(re&&t.texStorage2D(i.TEXTURE_2D,Be,J,$.width,$.height),we&&Et(_,$,oe,C)):t.texImage2D(i.TEXTURE_2D,0,J,$.width,$.height,0,oe,C,$.data);else if(_.isCompressedTexture)if(_.isCompressedArrayTexture){se&&re&&t.texStorage3D(i.TEXTURE_2D_ARRAY,Be,J,ce[0].width,ce[0].height,$.depth);for(let ie=0,Ee=ce.length;ie<Ee;ie++)if(H=ce[ie],_.format!==un)if(oe!==null)if(se){if(we)if(_.layerUpdates.size>0){let Fe=kc(H.width,H.height,_.format,_.type);for(let ue of _.layerUpdates){let Ke=H.data.subarray(ue*Fe/H.data.BYTES_PER_ELEMENT,(ue+1)*Fe/H.data.BYTES_PER_ELEMENT);t.compressedTexSubImage3D(i.TEXTURE_2D_ARRAY,ie,0,0,ue,H.width,H.height,1,oe,Ke)}}else t.compressedTexSubImage3D(i.TEXTURE_2D_ARRAY,ie,0,0,0,H.width,H.height,$.depth,oe,H.data)}else t.compressedTexImage3D(i.TEXTURE_2D_ARRAY,ie,J,H.width,H.height,$.depth,0,H.data,0,0);else Te("WebGLRenderer: Attempt to load unsupported compressed texture format in .uploadTexture()");else se?we&&t.texSubImage3D(i.TEXTURE_2D_ARRAY,ie,0,0,0,H.width,H.height,$.depth,oe,C,H.data):t.texImage3D(i.TEXTURE_2D_ARRAY,ie,J,H.width,H.height,$.depth,0,oe,C,H.data);_.layerUpdates.size>0&&_.clearLayerUpdates()}else{se&&re&&t.texStorage2D(i.TEXTURE_2D,Be,J,ce[0].width,ce[0].height);for(let ie=0,Ee=ce.length;ie<Ee;ie++)H=ce[ie],_.format!==un?oe!==null?se?we&&t.compressedTexSubImage2D(i.TEXTURE_2D,ie,0,0,H.width,H.height,oe,H.data):t.compressedTexImage2D(i.TEXTURE_2D,ie,J,H.width,H.height,0,H.data):Te("WebGLRenderer: Attempt to load unsupported compressed texture format in .uploadTexture()"):se?we&&t.texSubImage2D(i.TEXTURE_2D,ie,0,0,H.width,H.height,oe,C,H.data):t.texImage2D(i.TEXTURE_2D,ie,J,H.width,H.height,0,oe,C,H.data)}else if(_.isDataArrayTexture)if(se){if(re&&t.texStorage3D(i.TEXTURE_2D_ARRAY,Be,J,$.width,$.height,$.depth),we)if(_.layerUpdates.size>0){let ie=kc($.width,$.height,_.format,_.type);for(let Ee of _.layerUpdates){let Fe=$.data.subarray(Ee*ie/$.data.BYTES_PER_ELEMENT,(Ee+1)*ie/$.data.BYTES_PER_ELEMENT);t.texSubImage3D(i.TEXTURE_2D_ARRAY,0,0,0,Ee,$.width,$.height,1,oe,C,Fe)}_.clearLayerUpdates()}else t.texSubImage3D(i.TEXTURE_2D_ARRAY,0,0,0,0,$.width,$.height,$.depth,oe,C,$.data)}else t.texImage3D(i.TEXTURE_2D_ARRAY,0,J,$.width,$.height,$.depth,0,oe,C,$.data);else if(_.isData3DTexture)se?(re&&t.texStorage3D(i.TEXTURE_3D,Be,J,$.width,$.height,$.depth),we&&t.texSubImage3D(i.TEXTURE_3D,0,0,0,0,$.width,$.height,$.depth,oe,C,$.data)):t.texImage3D(i.TEXTURE_3D,0,J,$.width,$.height,$.depth,0,oe,C,$.data);else if(_.isFramebufferTexture){if(re)if(se)t.texStorage2D(i.TEXTURE_2D,Be,J,$.width,$.height);else{let ie=$.width,Ee=$.height;for(let Fe=0;Fe<Be;Fe++)t.texImage2D(i.TEXTURE_2D,Fe,J,ie,Ee,0,oe,C,null),ie>>=1,Ee>>=1}}else if(_.isHTMLTexture){if("texElementImage2D"in i){let ie=i.canvas;if(ie.hasAttribute("layoutsubtree")||ie.setAttribute("layoutsubtree","true"),$.parentNode!==ie){ie.appendChild($),h.add(_),ie.onpaint=Ee=>{let Fe=Ee.changedElements;for(let ue of h)Fe.includes(ue.image)&&(ue.needsUpdate=!0)},ie.requestPaint();return}if(i.texElementImage2D.length===3)i.texElementImage2D(i.TEXTURE_2D,i.RGBA8,$);else{let Fe=i.RGBA,ue=i.RGBA,Ke=i.UNSIGNED_BYTE;i.texElementImage2D(i.TEXTURE_2D,0,Fe,ue,Ke,$)}i.texParameteri(i.TEXTURE_2D,i.TEXTURE_MIN_FILTER,i.LINEAR),i.texParameteri(i.TEXTURE_2D,i.TEXTURE_WRAP_S,i.CLAMP_TO_EDGE),i.texParameteri(i.TEXTURE_2D,i.TEXTURE_WRAP_T,i.CLAMP_TO_EDGE)}}else if(ce.length>0){if(se&&re){let ie=Ne(ce[0]);t.texStorage2D(i.TEXTURE_2D,Be,J,ie.width,ie.height)}for(let ie=0,Ee=ce.length;ie<Ee;ie++)H=ce[ie],se?we&&t.texSubImage2D(i.TEXTURE_2D,ie,0,0,oe,C,H):t.texImage2D(i.TEXTURE_2D,ie,J,oe,C,H);_.generateMipmaps=!1}else if(se){if(re){let ie=Ne($);t.texStorage2D(i.TEXTURE_2D,Be,J,ie.width,ie.height)}we&&t.texSubImage2D(i.TEXTURE_2D,0,0,0,oe,C,$)}else t.texImage2D(i.TEXTURE_2D,0,J,oe,C,$);E(_)&&_.mipmapsAutoUpdate===!0&&M(te),de.__version=ae.version,_.onUpdate&&_.onUpdate(_)}S.__version=_.version}function Ot(S,_,O){if(_.image.length!==6)return;let te=je(S,_),j=_.source;t.bindTexture(i.TEXTURE_CUBE_MAP,S.__webglTexture,i.TEXTURE0+O);let ae=n.get(j);if(j.version!==ae.__version||te===!0){t.activeTexture(i.TEXTURE0+O);let de=ke.getPrimaries(ke.workingColorSpace),q=_.colorSpace===zn?null:ke.getPrimaries(_.colorSpace),$=_.colorSpace===zn||de===q?i.NONE:i.BROWSER_DEFAULT_WEBGL;t.pixelStorei(i.UNPACK_FLIP_Y_WEBGL,_.flipY),t.pixelStorei(i.UNPACK_PREMULTIPLY_ALPHA_WEBGL,_.premultiplyAlpha),t.pixelStorei(i.UNPACK_ALIGNMENT,_.unpackAlignment),t.pixelStorei(i.UNPACK_COLORSPACE_CONVERSION_WEBGL,$);let oe=_.isCompressedTexture||_.image[0].isCompressedTexture,C=_.image[0]&&_.image[0].isDataTexture,J=[];for(let ue=0;ue<6;ue++)!oe&&!C?J[ue]=v(_.image[ue],!0,s.maxCubemapSize):J[ue]=C?_.image[ue].image:_.image[ue],J[ue]=Ce(_,J[ue]);let H=J[0],ce=a.convert(_.format,_.colorSpace),se=a.convert(_.type),re=T(_.internalFormat,ce,se,_.normalized,_.colorSpace),we=_.isVideoTexture!==!0,Be=ae.__version===void 0||te===!0,ie=j.dataReady,Ee=w(_,H);Je(i.TEXTURE_CUBE_MAP,_);let Fe;if(_.isDepthTexture){if(re=g(_.format===Bn,_.type),Be)if(we)t.texStorage2D(i.TEXTURE_CUBE_MAP,1,re,H.width,H.height);else for(let ue=0;ue<6;ue++)t.texImage2D(i.TEXTURE_CUBE_MAP_POSITIVE_X+ue,0,re,H.width,H.height,0,ce,se,null)}else if(oe){we&&Be&&t.texStorage2D(i.TEXTURE_CUBE_MAP,Ee,re,H.width,H.height);for(let ue=0;ue<6;ue++){Fe=J[ue].mipmaps;for(let Ke=0;Ke<Fe.length;Ke++){let vt=Fe[Ke];_.format!==un?ce!==null?we?ie&&t.compressedTexSubImage2D(i.TEXTURE_CUBE_MAP_POSITIVE_X+ue,Ke,0,0,vt.width,vt.height,ce,vt.data):t.compressedTexImage2D(i.TEXTURE_CUBE_MAP_POSITIVE_X+ue,Ke,re,vt.width,vt.height,0,vt.data):Te("WebGLRenderer: Attempt to load unsupported compressed texture format in .setTextureCube()"):we?ie&&t.texSubImage2D(i.TEXTURE_CUBE_MAP_POSITIVE_X+ue,Ke,0,0,vt.width,vt.height,ce,se,vt.data):t.texImage2D(i.TEXTURE_CUBE_MAP_POSITIVE_X+ue,Ke,re,vt.width,vt.height,0,ce,se,vt.data)}}}else{if(Fe=_.mipmaps,we&&Be){Fe.length>0&&Ee++;let ue=Ne(J[0]);t.texStorage2D(i.TEXTURE_CUBE_MAP,Ee,re,ue.width,ue.height)}for(let ue=0;ue<6;ue++)if(C){we?ie&&t.texSubImage2D(i.TEXTURE_CUBE_MAP_POSITIVE_X+ue,0,0,0,J[ue].width,J[ue].height,ce,se,J[ue].data):t.texImage2D(i.TEXTURE_CUBE_MAP_POSITIVE_X+ue,0,re,J[ue].width,J[ue].height,0,ce,se,J[ue].data);for(let Ke=0;Ke<Fe.length;Ke++){let Yn=Fe[Ke].image[ue].image;we?ie&&t.texSubImage2D(i.TEXTURE_CUBE_MAP_POSITIVE_X+ue,Ke+1,0,0,Yn.width,Yn.height,ce,se,Yn.data):t.texImage2D(i.TEXTURE_CUBE_MAP_POSITIVE_X+ue,Ke+1,re,Yn.width,Yn.height,0,ce,se,Yn.data)}}else{we?ie&&t.texSubImage2D(i.TEXTURE_CUBE_MAP_POSITIVE_X+ue,0,0,0,ce,se,J[ue]):t.texImage2D(i.TEXTURE_CUBE_MAP_POSITIVE_X+ue,0,re,ce,se,J[ue]);for(let Ke=0;Ke<Fe.length;Ke++){let vt=Fe[Ke];we?ie&&t.texSubImage2D(i.TEXTURE_CUBE_MAP_POSITIVE_X+ue,Ke+1,0,0,ce,se,vt.image[ue]):t.texImage2D(i.TEXTURE_CUBE_MAP_POSITIVE_X+ue,Ke+1,re,ce,se,vt.image[ue])}}}E(_)&&_.mipmapsAutoUpdate===!0&&M(i.TEXTURE_CUBE_MAP),ae.__version=j.version,_.onUpdate&&_.onUpdate(_)}S.__version=_.version}function ct(S,_,O,te,j,ae){let de=a.convert(O.format,O.colorSpace),q=a.convert(O.type),$=T(O.internalFormat,de,q,O.normalized,O.colorSpace),oe=n.get(_),C=n.get(O);if(C.__renderTarget=_,!oe.__hasExternalTextures){let J=Math.max(1,_.width>>ae),H=Math.max(1,_.height>>ae);j===i.TEXTURE_3D||j===i.TEXTURE_2D_ARRAY?t.texImage3D(j,ae,$,J,H,_.depth,0,de,q,null):t.texImage2D(j,ae,$,J,H,0,de,q,null)}t.bindFramebuffer(i.FRAMEBUFFER,S),he(_)?o.framebufferTexture2DMultisampleEXT(i.FRAMEBUFFER,te,j,C.__webglTexture,0,rt(_)):(j===i.TEXTURE_2D||j>=i.TEXTURE_CUBE_MAP_POSITIVE_X&&j<=i.TEXTURE_CUBE_MAP_NEGATIVE_Z)&&i.framebufferTexture2D(i.FRAMEBUFFER,te,j,C.__webglTexture,ae),t.bindFramebuffer(i.FRAMEBUFFER,null)}function mn(S,_,O){if(i.bindRenderbuffer(i.RENDERBUFFER,S),_.depthBuffer){let te=_.depthTexture,j=te&&te.isDepthTexture?te.type:null,ae=g(_.stencilBuffer,j),de=_.stencilBuffer?i.DEPTH_STENCIL_ATTACHMENT:i.DEPTH_ATTACHMENT;he(_)?o.renderbufferStorageMultisampleEXT(i.RENDERBUFFER,rt(_),ae,_.width,_.height):O?i.renderbufferStorageMultisample(i.RENDERBUFFER,rt(_),ae,_.width,_.height):i.renderbufferStorage(i.RENDERBUFFER,ae,_.width,_.height),i.framebufferRenderbuffer(i.FRAMEBUFFER,de,i.RENDERBUFFER,S)}else{let te=_.textures;for(let j=0;j<te.length;j++){let ae=te[j],de=a.convert(ae.format,ae.colorSpace),q=a.convert(ae.type),$=T(ae.internalFormat,de,q,ae.normalized,ae.colorSpace);he(_)?o.renderbufferStorageMultisampleEXT(i.RENDERBUFFER,rt(_),$,_.width,_.height):O?i.renderbufferStorageMultisample(i.RENDERBUFFER,rt(_),$,_.width,_.height):i.renderbufferStorage(i.RENDERBUFFER,$,_.width,_.height)}}i.bindRenderbuffer(i.RENDERBUFFER,null)}function yt(S,_,O){let te=_.isWebGLCubeRenderTarget===!0;if(t.bindFramebuffer(i.FRAMEBUFFER,S),!(_.depthTexture&&_.depthTexture.isDepthTexture))throw new Error("THREE.WebGLTextures: renderTarget.depthTexture must be an instance of THREE.DepthTexture.");let j=n.get(_.depthTexture);j.__renderTarget=_;let ae=te?_.depthTexture.image[0]:_.depthTexture.image;(!j.__webglTexture||ae.width!==_.width||ae.height!==_.height)&&(ae.width=_.width,ae.height=_.height,_.depthTexture.needsUpdate=!0),te?be(_.depthTexture,0):me(_.depthTexture,0);let de=j.__webglTexture,q=rt(_),$=te?i.TEXTURE_CUBE_MAP_POSITIVE_X+O:i.TEXTURE_2D,oe=_.depthTexture.format===Bn?i.DEPTH_STENCIL_ATTACHMENT:i.DEPTH_ATTACHMENT;if(_.depthTexture.format===Nn)he(_)?o.framebufferTexture2DMultisampleEXT(i.FRAMEBUFFER,oe,$,de,0,q):i.framebufferTexture2D(i.FRAMEBUFFER,oe,$,de,0);else if(_.depthTexture.format===Bn)he(_)?o.framebufferTexture2DMultisampleEXT(i.FRAMEBUFFER,oe,$,de,0,q):i.framebufferTexture2D(i.FRAMEBUFFER,oe,$,de,0);else throw new Error("THREE.WebGLTextures: Unknown depthTexture format.")}function jt(S){let _=n.get(S),O=S.isWebGLCubeRenderTarget===!0;if(_.__boundDepthTexture!==S.depthTexture){let te=S.depthTexture;if(_.__depthDisposeCallback&&_.__depthDisposeCallback(),te){let j=()=>{delete _.__boundDepthTexture,delete _.__depthDisposeCallback,te.removeEventListener("dispose",j)};te.addEventListener("dispose",j),_.__depthDisposeCallback=j}_.__boundDepthTexture=te}if(S.depthTexture&&!_.__autoAllocateDepthBuffer)if(O)for(let te=0;te<6;te++)yt(_.__webglFramebuffer[te],S,te);else S.texture.mipmaps.length>0?yt(_.__webglFramebuffer[0],S,0):yt(_.__webglFramebuffer,S,0);else if(O){_.__webglDepthbuffer=[];for(let te=0;te<6;te++)if(t.bindFramebuffer(i.FRAMEBUFFER,_.__webglFramebuffer[te]),_.__webglDepthbuffer[te]===void 0)_.__webglDepthbuffer[te]=i.createRenderbuffer(),mn(_.__webglDepthbuffer[te],S,!1);else{let j=S.stencilBuffer?i.DEPTH_STENCIL_ATTACHMENT:i.DEPTH_ATTACHMENT,ae=_.__webglDepthbuffer[te];i.bindRenderbuffer(i.RENDERBUFFER,ae),i.framebufferRenderbuffer(i.FRAMEBUFFER,j,i.RENDERBUFFER,ae)}}else if(S.texture.mipmaps.length>0?t.bindFramebuffer(i.FRAMEBUFFER,_.__webglFramebuffer[0]):t.bindFramebuffer(i.FRAMEBUFFER,_.__webglFramebuffer),_.__webglDepthbuffer===void 0)_.__webglDepthbuffer=i.createRenderbuffer(),mn(_.__webglDepthbuffer,S,!1);else{let j=S.stencilBuffer?i.DEPTH_STENCIL_ATTACHMENT:i.DEPTH_ATTACHMENT,ae=_.__webglDepthbuffer;i.bindRenderbuffer(i.RENDERBUFFER,ae),i.framebufferRenderbuffer(i.FRAMEBUFFER,j,i.RENDERBUFFER,ae)}t.bindFramebuffer(i.FRAMEBUFFER,null)}function Qt(S,_,O){let te=n.get(S);_!==void 0&&ct(te.__webglFramebuffer,S,S.texture,i.COLOR_ATTACHMENT0,i.TEXTURE_2D,0),O!==void 0&&jt(S)}function en(S){let _=S.texture,O=n.get(S),te=n.get(_);S.addEventListener("dispose",V),B(S);let j=S.textures,ae=S.isWebGLCubeRenderTarget===!0,de=j.length>1;if(de||(te.__webglTexture===void 0&&(te.__webglTexture=i.createTexture()),te.__version=_.version,r.memory.textures++),ae){O.__webglFramebuffer=[];for(let q=0;q<6;q++)if(_.mipmaps.length>0){O.__webglFramebuffer[q]=[];for(let $=0;$<_.mipmaps.length;$++)O.__webglFramebuffer[q][$]=i.createFramebuffer()}else O.__webglFramebuffer[q]=i.createFramebuffer()}else{if(_.mipmaps.length>0){O.__webglFramebuffer=[];for(let q=0;q<_.mipmaps.length;q++)O.__webglFramebuffer[q]=i.createFramebuffer()}else O.__webglFramebuffer=i.createFramebuffer();if(de)for(let q=0,$=j.length;q<$;q++){let oe=n.get(j[q]);oe.__webglTexture===void 0&&(oe.__webglTexture=i.createTexture(),r.memory.textures++)}if(S.samples>0&&he(S)===!1){O.__webglMultisampledFramebuffer=i.createFramebuffer(),O.__webglColorRenderbuffer=[],t.bindFramebuffer(i.FRAMEBUFFER,O.__webglMultisampledFramebuffer);for(let q=0;q<j.length;q++){let $=j[q];O.__webglColorRenderbuffer[q]=i.createRenderbuffer(),i.bindRenderbuffer(i.RENDERBUFFER,O.__webglColorRenderbuffer[q]);let oe=a.convert($.format,$.colorSpace),C=a.convert($.type),J=T($.internalFormat,oe,C,$.normalized,$.colorSpace,S.isXRRenderTarget===!0),H=rt(S);i.renderbufferStorageMultisample(i.RENDERBUFFER,H,J,S.width,S.height),i.framebufferRenderbuffer(i.FRAMEBUFFER,i.COLOR_ATTACHMENT0+q,i.RENDERBUFFER,O.__webglColorRenderbuffer[q])}i.bindRenderbuffer(i.RENDERBUFFER,null),S.depthBuffer&&(O.__webglDepthRenderbuffer=i.createRenderbuffer(),mn(O.__webglDepthRenderbuffer,S,!0)),t.bindFramebuffer(i.FRAMEBUFFER,null)}}if(ae){t.bindTexture(i.TEXTURE_CUBE_MAP,te.__webglTexture),Je(i.TEXTURE_CUBE_MAP,_);for(let q=0;q<6;q++)if(_.mipmaps.length>0)for(let $=0;$<_.mipmaps.length;$++)ct(O.__webglFramebuffer[q][$],S,_,i.COLOR_ATTACHMENT0,i.TEXTURE_CUBE_MAP_POSITIVE_X+q,$);else ct(O.__webglFramebuffer[q],S,_,i.COLOR_ATTACHMENT0,i.TEXTURE_CUBE_MAP_POSITIVE_X+q,0);E(_)?M(i.TEXTURE_CUBE_MAP):_.mipmaps.length>0&&i.texParameteri(i.TEXTURE_CUBE_MAP,i.TEXTURE_MAX_LEVEL,_.mipmaps.length-1),t.unbindTexture()}else if(de){for(let q=0,$=j.length;q<$;q++){let oe=j[q],C=n.get(oe),J=i.TEXTURE_2D;(S.isWebGL3DRenderTarget||S.isWebGLArrayRenderTarget)&&(J=S.isWebGL3DRenderTarget?i.TEXTURE_3D:i.TEXTURE_2D_ARRAY),t.bindTexture(J,C.__webglTexture),Je(J,oe),ct(O.__webglFramebuffer,S,oe,i.COLOR_ATTACHMENT0+q,J,0),E(oe)&&M(J)}t.unbindTexture()}else{let q=i.TEXTURE_2D;if((S.isWebGL3DRenderTarget||S.isWebGLArrayRenderTarget)&&(q=S.isWebGL3DRenderTarget?i.TEXTURE_3D:i.TEXTURE_2D_ARRAY),t.bindTexture(q,te.__webglTexture),Je(q,_),_.mipmaps.length>0)for(let $=0;$<_.mipmaps.length;$++)ct(O.__webglFramebuffer[$],S,_,i.COLOR_ATTACHMENT0,q,$);else ct(O.__webglFramebuffer,S,_,i.COLOR_ATTACHMENT0,q,0);E(_)?M(q):_.mipmaps.length>0&&i.texParameteri(q,i.TEXTURE_MAX_LEVEL,_.mipmaps.length-1),t.unbindTexture()}S.depthBuffer&&jt(S)}function L(S){let _=S.textures;for(let O=0,te=_.length;O<te;O++){let j=_[O];if(E(j)&&j.mipmapsAutoUpdate===!0){let ae=A(S),de=n.get(j).__webglTexture;t.bindTexture(ae,de),M(ae),t.unbindTexture()}}}let tn=[];function at(S){if(S.samples>0){if(he(S)===!1){let _=S.textures,O=S.width,te=S.height,j=i.COLOR_BUFFER_BIT,ae=S.stencilBuffer?i.DEPTH_STENCIL_ATTACHMENT:i.DEPTH_ATTACHMENT,de=n.get(S),q=_.length>1;if(q)for(let oe=0;oe<_.length;oe++)t.bindFramebuffer(i.FRAMEBUFFER,de.__webglMultisampledFramebuffer),i.framebufferRenderbuffer(i.FRAMEBUFFER,i.COLOR_ATTACHMENT0+oe,i.RENDERBUFFER,null),t.bindFramebuffer(i.FRAMEBUFFER,de.__webglFramebuffer),i.framebufferTexture2D(i.DRAW_FRAMEBUFFER,i.COLOR_ATTACHMENT0+oe,i.TEXTURE_2D,null,0);t.bindFramebuffer(i.READ_FRAMEBUFFER,de.__webglMultisampledFramebuffer),S.texture.mipmaps.length>0?t.bindFramebuffer(i.DRAW_FRAMEBUFFER,de.__webglFramebuffer[0]):t.bindFramebuffer(i.DRAW_FRAMEBUFFER,de.__webglFramebuffer);for(let oe=0;oe<_.length;oe++){if(S.resolveDepthBuffer&&(S.depthBuffer&&(j|=i.DEPTH_BUFFER_BIT),S.stencilBuffer&&S.resolveStencilBuffer&&(j|=i.STENCIL_BUFFER_BIT)),q){i.framebufferRenderbuffer(i.READ_FRAMEBUFFER,i.COLOR_ATTACHMENT0,i.RENDERBUFFER,de.__webglColorRenderbuffer[oe]);let C=n.get(_[oe]).__webglTexture;i.framebufferTexture2D(i.DRAW_FRAMEBUFFER,i.COLOR_ATTACHMENT0,i.TEXTURE_2D,C,0)}i.blitFramebuffer(0,0,O,te,0,0,O,te,j,i.NEAREST),c===!0&&(tn.length=0,tn.push(i.COLOR_ATTACHMENT0+oe),S.depthBuffer&&S.storeMultisampledDepthBuffer===!1&&tn.push(ae),i.invalidateFramebuffer(i.READ_FRAMEBUFFER,tn))}if(t.bindFramebuffer(i.READ_FRAMEBUFFER,null),t.bindFramebuffer(i.DRAW_FRAMEBUFFER,null),q)for(let oe=0;oe<_.length;oe++){t.bindFramebuffer(i.FRAMEBUFFER,de.__webglMultisampledFramebuffer),i.framebufferRenderbuffer(i.FRAMEBUFFER,i.COLOR_ATTACHMENT0+oe,i.RENDERBUFFER,de.__webglColorRenderbuffer[oe]);let C=n.get(_[oe]).__webglTexture;t.bindFramebuffer(i.FRAMEBUFFER,de.__webglFramebuffer),i.framebufferTexture2D(i.DRAW_FRAMEBUFFER,i.COLOR_ATTACHMENT0+oe,i.TEXTURE_2D,C,0)}t.bindFramebuffer(i.DRAW_FRAMEBUFFER,de.__webglMultisampledFramebuffer)}else if(S.depthBuffer&&S.storeMultisampledDepthBuffer===!1&&c){let _=S.stencilBuffer?i.DEPTH_STENCIL_ATTACHMENT:i.DEPTH_ATTACHMENT;i.invalidateFramebuffer(i.DRAW_FRAMEBUFFER,[_])}}}function rt(S){return Math.min(s.maxSamples,S.samples)}function he(S){let _=n.get(S);return S.samples>0&&e.has("WEBGL_multisampled_render_to_texture")===!0&&_.__useRenderToTexture!==!1}function bt(S){let _=r.render.frame;d.get(S)!==_&&(d.set(S,_),S.update())}function Ce(S,_){let O=S.colorSpace,te=S.format,j=S.type;return S.isCompressedTexture===!0||S.isVideoTexture===!0||O!==yi&&O!==zn&&(ke.getTransfer(O)===Ze?(te!==un||j!==Vt)&&Te("WebGLTextures: sRGB encoded textures have to use RGBAFormat and UnsignedByteType."):Ie("WebGLTextures: Unsupported texture color space:",O)),_}function Ne(S){return typeof HTMLImageElement<"u"&&S instanceof HTMLImageElement?(l.width=S.naturalWidth||S.width,l.height=S.naturalHeight||S.height):typeof VideoFrame<"u"&&S instanceof VideoFrame?(l.width=S.displayWidth,l.height=S.displayHeight):(l.width=S.width,l.height=S.height),l}this.allocateTextureUnit=De,this.resetTextureUnits=Q,this.getTextureUnits=ee,this.setTextureUnits=Me,this.setTexture2D=me,this.setTexture2DArray=xe,this.setTexture3D=Ae,this.setTextureCube=be,this.rebindTextures=Qt,this.setupRenderTarget=en,this.updateRenderTargetMipmap=L,this.updateMultisampleRenderTarget=at,this.setupDepthRenderbuffer=jt,this.setupFrameBufferTexture=ct,this.useMultisampledRTT=he,this.dispose=X}function d3(i,e){function t(n,s=zn){let a,r=ke.getTransfer(s);if(n===Vt)return i.UNSIGNED_BYTE;if(n===xr)return i.UNSIGNED_SHORT_4_4_4_4;if(n===yr)return i.UNSIGNED_SHORT_5_5_5_1;if(n===Sc)return i.UNSIGNED_INT_5_9_9_9_REV;if(n===wc)return i.UNSIGNED_INT_10F_11F_11F_REV;if(n===vc)return i.BYTE;if(n===Mc)return i.SHORT;if(n===cs)return i.UNSIGNED_SHORT;if(n===_r)return i.INT;if(n===dn)return i.UNSIGNED_INT;if(n===fn)return i.FLOAT;if(n===hn)return i.HALF_FLOAT;if(n===Ec)return i.ALPHA;if(n===Tc)return i.RGB;if(n===un)return i.RGBA;if(n===Nn)return i.DEPTH_COMPONENT;if(n===Bn)return i.DEPTH_STENCIL;if(n===Ac)return i.RED;if(n===vr)return i.RED_INTEGER;if(n===fi)return i.RG;if(n===Mr)return i.RG_INTEGER;if(n===Sr)return i.RGBA_INTEGER;if(n===Ys||n===$s||n===Zs||n===Js)if(r===Ze)if(a=e.get("WEBGL_compressed_texture_s3tc_srgb"),a!==null){if(n===Ys)return a.COMPRESSED_SRGB_S3TC_DXT1_EXT;if(n===$s)return a.COMPRESSED_SRGB_ALPHA_S3TC_DXT1_EXT;if(n===Zs)return a.COMPRESSED_SRGB_ALPHA_S3TC_DXT3_EXT;if(n===Js)return a.COMPRESSED_SRGB_ALPHA_S3TC_DXT5_EXT}else return null;else if(a=e.get("WEBGL_compressed_texture_s3tc"),a!==null){if(n===Ys)return a.COMPRESSED_RGB_S3TC_DXT1_EXT;if(n===$s)return a.COMPRESSED_RGBA_S3TC_DXT1_EXT;if(n===Zs)return a.COMPRESSED_RGBA_S3TC_DXT3_EXT;if(n===Js)return a.COMPRESSED_RGBA_S3TC_DXT5_EXT}else return null;if(n===wr||n===Er||n===Tr||n===Ar)if(a=e.get("WEBGL_compressed_texture_pvrtc"),a!==null){if(n===wr)return a.COMPRESSED_RGB_PVRTC_4BPPV1_IMG;if(n===Er)return a.COMPRESSED_RGB_PVRTC_2BPPV1_IMG;if(n===Tr)return a.COMPRESSED_RGBA_PVRTC_4BPPV1_IMG;if(n===Ar)return a.COMPRESSED_RGBA_PVRTC_2BPPV1_IMG}else return null;if(n===Cr||n===Rr||n===Pr||n===Ir||n===Lr||n===Ks||n===Nr)if(a=e.get("WEBGL_compressed_texture_etc"),a!==null){if(n===Cr||n===Rr)return r===Ze?a.COMPRESSED_SRGB8_ETC2:a.COMPRESSED_RGB8_ETC2;if(n===Pr)return r===Ze?a.COMPRESSED_SRGB8_ALPHA8_ETC2_EAC:a.COMPRESSED_RGBA8_ETC2_EAC;if(n===Ir)return a.COMPRESSED_R11_EAC;if(n===Lr)return a.COMPRESSED_SIGNED_R11_EAC;if(n===Ks)return a.COMPRESSED_RG11_EAC;if(n===Nr)return a.COMPRESSED_SIGNED_RG11_EAC}else return null;if(n===Dr||n===Ur||n===Or||n===Fr||n===Br||n===zr||n===kr||n===Vr||n===Gr||n===Hr||n===Wr||n===Xr||n===qr||n===Yr)if(a=e.get("WEBGL_compressed_texture_astc"),a!==null){if(n===Dr)return r===Ze?a.COMPRESSED_SRGB8_ALPHA8_ASTC_4x4_KHR:a.COMPRESSED_RGBA_ASTC_4x4_KHR;if(n===Ur)return r===Ze?a.COMPRESSED_SRGB8_ALPHA8_ASTC_5x4_KHR:a.COMPRESSED_RGBA_ASTC_5x4_KHR;if(n===Or)return r===Ze?a.COMPRESSED_SRGB8_ALPHA8_ASTC_5x5_KHR:a.COMPRESSED_RGBA_ASTC_5x5_KHR;if(n===Fr)return r===Ze?a.COMPRESSED_SRGB8_ALPHA8_ASTC_6x5_KHR:a.COMPRESSED_RGBA_ASTC_6x5_KHR;if(n===Br)return r===Ze?a.COMPRESSED_SRGB8_ALPHA8_ASTC_6x6_KHR:a.COMPRESSED_RGBA_ASTC_6x6_KHR;if(n===zr)return r===Ze?a.COMPRESSED_SRGB8_ALPHA8_ASTC_8x5_KHR:a.COMPRESSED_RGBA_ASTC_8x5_KHR;if(n===kr)return r===Ze?a.COMPRESSED_SRGB8_ALPHA8_ASTC_8x6_KHR:a.COMPRESSED_RGBA_ASTC_8x6_KHR;if(n===Vr)return r===Ze?a.COMPRESSED_SRGB8_ALPHA8_ASTC_8x8_KHR:a.COMPRESSED_RGBA_ASTC_8x8_KHR;if(n===Gr)return r===Ze?a.COMPRESSED_SRGB8_ALPHA8_ASTC_10x5_KHR:a.COMPRESSED_RGBA_ASTC_10x5_KHR;if(n===Hr)return r===Ze?a.COMPRESSED_SRGB8_ALPHA8_ASTC_10x6_KHR:a.COMPRESSED_RGBA_ASTC_10x6_KHR;if(n===Wr)return r===Ze?a.COMPRESSED_SRGB8_ALPHA8_ASTC_10x8_KHR:a.COMPRESSED_RGBA_ASTC_10x8_KHR;if(n===Xr)return r===Ze?a.COMPRESSED_SRGB8_ALPHA8_ASTC_10x10_KHR:a.COMPRESSED_RGBA_ASTC_10x10_KHR;if(n===qr)return r===Ze?a.COMPRESSED_SRGB8_ALPHA8_ASTC_12x10_KHR:a.COMPRESSED_RGBA_ASTC_12x10_KHR;if(n===Yr)return r===Ze?a.COMPRESSED_SRGB8_ALPHA8_ASTC_12x12_KHR:a.COMPRESSED_RGBA_ASTC_12x12_KHR}else return null;if(n===$r||n===Zr||n===Jr)if(a=e.get("EXT_texture_compression_bptc"),a!==null){if(n===$r)return r===Ze?a.COMPRESSED_SRGB_ALPHA_BPTC_UNORM_EXT:a.COMPRESSED_RGBA_BPTC_UNORM_EXT;if(n===Zr)return a.COMPRESSED_RGB_BPTC_SIGNED_FLOAT_EXT;if(n===Jr)return a.COMPRESSED_RGB_BPTC_UNSIGNED_FLOAT_EXT}else return null;if(n===Kr||n===jr||n===js||n===Qr)if(a=e.get("EXT_texture_compression_rgtc"),a!==null){if(n===Kr)return a.COMPRESSED_RED_RGTC1_EXT;if(n===jr)return a.COMPRESSED_SIGNED_RED_RGTC1_EXT;if(n===js)return a.COMPRESSED_RED_GREEN_RGTC2_EXT;if(n===Qr)return a.COMPRESSED_SIGNED_RED_GREEN_RGTC2_EXT}else return null;return n===wi?i.UNSIGNED_INT_24_8:i[n]!==void 0?i[n]:null}return{convert:t}}var f3=`
void main() {

	gl_Position = vec4( position, 1.0 );

}`,h3=`
uniform sampler2DArray depthColor;
uniform float depthWidth;
uniform float depthHeight;

void main() {

	vec2 coord = vec2( gl_FragCoord.x / depthWidth, gl_FragCoord.y / depthHeight );

	if ( coord.x >= 1.0 ) {

		gl_FragDepth = texture( depthColor, vec3( coord.x - 1.0, coord.y, 1 ) ).r;

	} else {

		gl_FragDepth = texture( depthColor, vec3( coord.x, coord.y, 0 ) ).r;

	}

}`,Zc=class{constructor(){this.texture=null,this.mesh=null,this.depthNear=0,this.depthFar=0}init(e,t){if(this.texture===null){let n=new Us(e.texture);(e.depthNear!==t.depthNear||e.depthFar!==t.depthFar)&&(this.depthNear=e.depthNear,this.depthFar=e.depthFar),this.texture=n}}getMesh(e){if(this.texture!==null&&this.mesh===null){let t=e.cameras[0].viewport,n=new xn({vertexShader:f3,fragmentShader:h3,uniforms:{depthColor:{value:this.texture},depthWidth:{value:t.z},depthHeight:{value:t.w}}});this.mesh=new kt(new Os(20,20),n)}return this.mesh}reset(){this.texture=null,this.mesh=null}getDepthTexture(){return this.texture}},Jc=class extends ln{constructor(e,t){super();let n=this,s=null,a=1,r=null,o="local-floor",c=1,l=null,d=null,h=null,f=null,u=null,b=null,y=typeof XRWebGLBinding<"u",p=new Zc,m={},v=t.getContextAttributes(),E=null,M=null,A=[],T=[],g=new Re,w=null,B=null,I=new Yt;I.viewport=new ot;let N=new Yt;N.viewport=new ot;let V=[I,N],Y=new ur,P=null,X=null;this.cameraAutoUpdate=!0,this.enabled=!1,this.isPresenting=!1,this.getController=function(Z){let me=A[Z];return me===void 0&&(me=new Ji,A[Z]=me),me.getTargetRaySpace()},this.getControllerGrip=function(Z){let me=A[Z];return me===void 0&&(me=new Ji,A[Z]=me),me.getGripSpace()},this.getHand=function(Z){let me=A[Z];return me===void 0&&(me=new Ji,A[Z]=me),me.getHandSpace()};function K(Z){let me=T.indexOf(Z.inputSource);if(me===-1)return;let xe=A[me];xe!==void 0&&(xe.update(Z.inputSource,Z.frame,l||r),xe.dispatchEvent({type:Z.type,data:Z.inputSource}))}function G(){s.removeEventListener("select",K),s.removeEventListener("selectstart",K),s.removeEventListener("selectend",K),s.removeEventListener("squeeze",K),s.removeEventListener("squeezestart",K),s.removeEventListener("squeezeend",K),s.removeEventListener("end",G),s.removeEventListener("inputsourceschange",ne);for(let Z=0;Z<A.length;Z++){let me=T[Z];me!==null&&(T[Z]=null,A[Z].disconnect(me))}P=null,X=null,p.reset();for(let Z in m)delete m[Z];if(e.setRenderTarget(E),u=null,f=null,h=null,s=null,M=null,De.stop(),n.isPresenting=!1,e.setPixelRatio(w),e.setSize(g.width,g.height,!1),B!==null){let Z=B.camera;Z.fov=B.fov,Z.zoom=B.zoom,Z.updateProjectionMatrix(),B=null}n.dispatchEvent({type:"sessionend"})}this.setFramebufferScaleFactor=function(Z){a=Z,n.isPresenting===!0&&Te("WebXRManager: Cannot change framebuffer scale while presenting.")},this.setReferenceSpaceType=function(Z){o=Z,n.isPresenting===!0&&Te("WebXRManager: Cannot change reference space type while presenting.")},this.getReferenceSpace=function(){return l||r},this.setReferenceSpace=function(Z){l=Z},this.getBaseLayer=function(){return f!==null?f:u},this.getBinding=function(){return h===null&&y&&(h=new XRWebGLBinding(s,t)),h},this.getFrame=function(){return b},this.getSession=function(){return s},this.setSession=async function(Z){if(s=Z,s!==null){if(E=e.getRenderTarget(),s.addEventListener("select",K),s.addEventListener("selectstart",K),s.addEventListener("selectend",K),s.addEventListener("squeeze",K),s.addEventListener("squeezestart",K),s.addEventListener("squeezeend",K),s.addEventListener("end",G),s.addEventListener("inputsourceschange",ne),v.xrCompatible!==!0&&await t.makeXRCompatible(),w=e.getPixelRatio(),e.getSize(g),y&&"createProjectionLayer"in XRWebGLBinding.prototype){let xe=null,Ae=null,be=null;v.depth&&(be=v.stencil?t.DEPTH24_STENCIL8:t.DEPTH_COMPONENT24,xe=v.stencil?Bn:Nn,Ae=v.stencil?wi:dn);let Oe={colorFormat:t.RGBA8,depthFormat:be,scaleFactor:a};h=this.getBinding(),f=h.createProjectionLayer(Oe),s.updateRenderState({layers:[f]}),e.setPixelRatio(1),e.setSize(f.textureWidth,f.textureHeight,!1),M=new Zt(f.textureWidth,f.textureHeight,{format:un,type:Vt,depthTexture:new On(f.textureWidth,f.textureHeight,Ae,void 0,void 0,void 0,void 0,void 0,void 0,xe),stencilBuffer:v.stencil,colorSpace:e.outputColorSpace,samples:v.antialias?4:0,resolveDepthBuffer:f.ignoreDepthValues===!1,resolveStencilBuffer:f.ignoreDepthValues===!1,storeMultisampledDepthBuffer:f.ignoreDepthValues===!1,storeMultisampledStencilBuffer:f.ignoreDepthValues===!1})}else{let xe={antialias:v.antialias,alpha:!0,depth:v.depth,stencil:v.stencil,framebufferScaleFactor:a};u=new XRWebGLLayer(s,t,xe),s.updateRenderState({baseLayer:u}),e.setPixelRatio(1),e.setSize(u.framebufferWidth,u.framebufferHeight,!1),M=new Zt(u.framebufferWidth,u.framebufferHeight,{format:un,type:Vt,colorSpace:e.outputColorSpace,stencilBuffer:v.stencil,resolveDepthBuffer:u.ignoreDepthValues===!1,resolveStencilBuffer:u.ignoreDepthValues===!1,storeMultisampledDepthBuffer:u.ignoreDepthValues===!1,storeMultisampledStencilBuffer:u.ignoreDepthValues===!1})}M.isXRRenderTarget=!0,this.setFoveation(c),l=null,r=await s.requestReferenceSpace(o),De.setContext(s),De.start(),n.isPresenting=!0,n.dispatchEvent({type:"sessionstart"})}},this.getEnvironmentBlendMode=function(){if(s!==null)return s.environmentBlendMode},this.getDepthTexture=function(){return p.getDepthTexture()};function ne(Z){for(let me=0;me<Z.removed.length;me++){let xe=Z.removed[me],Ae=T.indexOf(xe);Ae>=0&&(T[Ae]=null,A[Ae].disconnect(xe))}for(let me=0;me<Z.added.length;me++){let xe=Z.added[me],Ae=T.indexOf(xe);if(Ae===-1){for(let Oe=0;Oe<A.length;Oe++)if(Oe>=T.length){T.push(xe),Ae=Oe;break}else if(T[Oe]===null){T[Oe]=xe,Ae=Oe;break}if(Ae===-1)break}let be=A[Ae];be&&be.connect(xe)}}function W(Z,me){me===null?Z.matrixWorld.copy(Z.matrix):Z.matrixWorld.multiplyMatrices(me.matrixWorld,Z.matrix),Z.matrixWorldInverse.copy(Z.matrixWorld).invert()}this.updateCamera=function(Z){if(s===null)return;let me=Z.near,xe=Z.far;p.texture!==null&&(p.depthNear>0&&(me=p.depthNear),p.depthFar>0&&(xe=p.depthFar)),Y.near=N.near=I.near=me,Y.far=N.far=I.far=xe,(P!==Y.near||X!==Y.far)&&(s.updateRenderState({depthNear:Y.near,depthFar:Y.far}),P=Y.near,X=Y.far),Y.layers.mask=Z.layers.mask|6,I.layers.mask=Y.layers.mask&-5,N.layers.mask=Y.layers.mask&-3;let Ae=Z.parent,be=Y.cameras;W(Y,Ae);for(let Oe=0;Oe<be.length;Oe++)W(be[Oe],Ae);Y.projectionMatrix.copy(I.projectionMatrix),Y.projectionMatrixInverse.copy(I.projectionMatrixInverse),B===null&&Z.isPerspectiveCamera&&(B={camera:Z,fov:Z.fov,zoom:Z.zoom}),Q(Z,Y,Ae)};function Q(Z,me,xe){xe===null?Z.matrix.copy(me.matrixWorld):(Z.matrix.copy(xe.matrixWorld),Z.matrix.invert(),Z.matrix.multiply(me.matrixWorld)),Z.matrix.decompose(Z.position,Z.quaternion,Z.scale),Z.updateMatrixWorld(!0),Z.projectionMatrix.copy(me.projectionMatrix),Z.projectionMatrixInverse.copy(me.projectionMatrixInverse),Z.isPerspectiveCamera&&(Z.fov=Yi*2*Math.atan(1/Z.projectionMatrix.elements[5]),Z.zoom=1)}this.getCamera=function(){return Y},this.getFoveation=function(){if(!(f===null&&u===null))return c},this.setFoveation=function(Z){c=Z,f!==null&&(f.fixedFoveation=Z),u!==null&&u.fixedFoveation!==void 0&&(u.fixedFoveation=Z)},this.hasDepthSensing=function(){return p.texture!==null},this.getDepthSensingMesh=function(){return p.getMesh(Y)},this.getCameraTexture=function(Z){return m[Z]};let ee=null;function Me(Z,me){if(d=me.getViewerPose(l||r),b=me,d!==null){let xe=d.views;u!==null&&(e.setRenderTargetFramebuffer(M,u.framebuffer),e.setRenderTarget(M));let Ae=!1;xe.length!==Y.cameras.length&&(Y.cameras.length=0,Ae=!0);for(let Pe=0;Pe<xe.length;Pe++){let Je=xe[Pe],je=null;if(u!==null)je=u.getViewport(Je);else{let Et=h.getViewSubImage(f,Je);je=Et.viewport,Pe===0&&(e.setRenderTargetTextures(M,Et.colorTexture,Et.depthStencilTexture),e.setRenderTarget(M))}let He=V[Pe];He===void 0&&(He=new Yt,He.layers.enable(Pe),He.viewport=new ot,V[Pe]=He),He.matrix.fromArray(Je.transform.matrix),He.matrix.decompose(He.position,He.quaternion,He.scale),He.projectionMatrix.fromArray(Je.projectionMatrix),He.projectionMatrixInverse.copy(He.projectionMatrix).invert(),He.viewport.set(je.x,je.y,je.width,je.height),Pe===0&&(Y.matrix.copy(He.matrix),Y.matrix.decompose(Y.position,Y.quaternion,Y.scale)),Ae===!0&&Y.cameras.push(He)}let be=s.enabledFeatures;if(be&&be.includes("depth-sensing")&&s.depthUsage=="gpu-optimized"&&y){h=n.getBinding();let Pe=h.getDepthInformation(xe[0]);Pe&&Pe.isValid&&Pe.texture&&p.init(Pe,s.renderState)}if(be&&be.includes("camera-access")&&y){e.state.unbindTexture(),h=n.getBinding();for(let Pe=0;Pe<xe.length;Pe++){let Je=xe[Pe].camera;if(Je){let je=m[Je];je||(je=new Us,m[Je]=je);let He=h.getCameraImage(Je);je.sourceTexture=He}}}}for(let xe=0;xe<A.length;xe++){let Ae=T[xe],be=A[xe];Ae!==null&&be!==void 0&&be.update(Ae,me,l||r)}ee&&ee(Z,me),me.detectedPlanes&&n.dispatchEvent({type:"planesdetected",data:me}),b=null}let De=new Lf;De.setAnimationLoop(Me),this.setAnimationLoop=function(Z){ee=Z},this.dispose=function(){}}},u3=new et,Gf=new Le;Gf.set(-1,0,0,0,1,0,0,0,1);function p3(i,e){function t(p,m){p.matrixAutoUpdate===!0&&p.updateMatrix(),m.value.copy(p.matrix)}function n(p,m){m.color.getRGB(p.fogColor.value,Fc(i)),m.isFog?(p.fogNear.value=m.near,p.fogFar.value=m.far):m.isFogExp2&&(p.fogDensity.value=m.density)}function s(p,m,v,E,M){m.isNodeMaterial?m.uniformsNeedUpdate=!1:m.isMeshBasicMaterial?a(p,m):m.isMeshLambertMaterial?(a(p,m),m.envMap&&(p.envMapIntensity.value=m.envMapIntensity)):m.isMeshToonMaterial?(a(p,m),h(p,m)):m.isMeshPhongMaterial?(a(p,m),d(p,m),m.envMap&&(p.envMapIntensity.value=m.envMapIntensity)):m.isMeshStandardMaterial?(a(p,m),f(p,m),m.isMeshPhysicalMaterial&&u(p,m,M)):m.isMeshMatcapMaterial?(a(p,m),b(p,m)):m.isMeshDepthMaterial?a(p,m):m.isMeshDistanceMaterial?(a(p,m),y(p,m)):m.isMeshNormalMaterial?a(p,m):m.isLineBasicMaterial?(r(p,m),m.isLineDashedMaterial&&o(p,m)):m.isPointsMaterial?c(p,m,v,E):m.isSpriteMaterial?l(p,m):m.isShadowMaterial?(p.color.value.copy(m.color),p.opacity.value=m.opacity):m.isShaderMaterial&&(m.uniformsNeedUpdate=!1)}function a(p,m){p.opacity.value=m.opacity,m.color&&p.diffuse.value.copy(m.color),m.emissive&&p.emissive.value.copy(m.emissive).multiplyScalar(m.emissiveIntensity),m.map&&(p.map.value=m.map,t(m.map,p.mapTransform)),m.alphaMap&&(p.alphaMap.value=m.alphaMap,t(m.alphaMap,p.alphaMapTransform)),m.bumpMap&&(p.bumpMap.value=m.bumpMap,t(m.bumpMap,p.bumpMapTransform),p.bumpScale.value=m.bumpScale,m.side===Ut&&(p.bumpScale.value*=-1)),m.normalMap&&(p.normalMap.value=m.normalMap,t(m.normalMap,p.normalMapTransform),p.normalScale.value.copy(m.normalScale),m.side===Ut&&p.normalScale.value.negate()),m.displacementMap&&(p.displacementMap.value=m.displacementMap,t(m.displacementMap,p.displacementMapTransform),p.displacementScale.value=m.displacementScale,p.displacementBias.value=m.displacementBias),m.emissiveMap&&(p.emissiveMap.value=m.emissiveMap,t(m.emissiveMap,p.emissiveMapTransform)),m.specularMap&&(p.specularMap.value=m.specularMap,t(m.specularMap,p.specularMapTransform)),m.alphaTest>0&&(p.alphaTest.value=m.alphaTest);let v=e.get(m),E=v.envMap,M=v.envMapRotation;E&&(p.envMap.value=E,p.envMapRotation.value.setFromMatrix4(u3.makeRotationFromEuler(M)).transpose(),E.isCubeTexture&&E.isRenderTargetTexture===!1&&p.envMapRotation.value.premultiply(Gf),p.reflectivity.value=m.reflectivity,p.ior.value=m.ior,p.refractionRatio.value=m.refractionRatio),m.lightMap&&(p.lightMap.value=m.lightMap,p.lightMapIntensity.value=m.lightMapIntensity,t(m.lightMap,p.lightMapTransform)),m.aoMap&&(p.aoMap.value=m.aoMap,p.aoMapIntensity.value=m.aoMapIntensity,t(m.aoMap,p.aoMapTransform))}function r(p,m){p.diffuse.value.copy(m.color),p.opacity.value=m.opacity,m.map&&(p.map.value=m.map,t(m.map,p.mapTransform))}function o(p,m){p.dashSize.value=m.dashSize,p.totalSize.value=m.dashSize+m.gapSize,p.scale.value=m.scale}function c(p,m,v,E){p.diffuse.value.copy(m.color),p.opacity.value=m.opacity,p.size.value=m.size*v,p.scale.value=E*.5,m.map&&(p.map.value=m.map,t(m.map,p.uvTransform)),m.alphaMap&&(p.alphaMap.value=m.alphaMap,t(m.alphaMap,p.alphaMapTransform)),m.alphaTest>0&&(p.alphaTest.value=m.alphaTest)}function l(p,m){p.diffuse.value.copy(m.color),p.opacity.value=m.opacity,p.rotation.value=m.rotation,m.map&&(p.map.value=m.map,t(m.map,p.mapTransform)),m.alphaMap&&(p.alphaMap.value=m.alphaMap,t(m.alphaMap,p.alphaMapTransform)),m.alphaTest>0&&(p.alphaTest.value=m.alphaTest)}function d(p,m){p.specular.value.copy(m.specular),p.shininess.value=Math.max(m.shininess,1e-4)}function h(p,m){m.gradientMap&&(p.gradientMap.value=m.gradientMap)}function f(p,m){p.metalness.value=m.metalness,m.metalnessMap&&(p.metalnessMap.value=m.metalnessMap,t(m.metalnessMap,p.metalnessMapTransform)),p.roughness.value=m.roughness,m.roughnessMap&&(p.roughnessMap.value=m.roughnessMap,t(m.roughnessMap,p.roughnessMapTransform)),m.envMap&&(p.envMapIntensity.value=m.envMapIntensity)}function u(p,m,v){p.ior.value=m.ior,m.diffuseRoughness>0&&(p.diffuseRoughness.value=m.diffuseRoughness,m.diffuseRoughnessMap&&(p.diffuseRoughnessMap.value=m.diffuseRoughnessMap,t(m.diffuseRoughnessMap,p.diffuseRoughnessMapTransform))),m.sheen>0&&(p.sheenColor.value.copy(m.sheenColor).multiplyScalar(m.sheen),p.sheenRoughness.value=m.sheenRoughness,m.sheenColorMap&&(p.sheenColorMap.value=m.sheenColorMap,t(m.sheenColorMap,p.sheenColorMapTransform)),m.sheenRoughnessMap&&(p.sheenRoughnessMap.value=m.sheenRoughnessMap,t(m.sheenRoughnessMap,p.sheenRoughnessMapTransform))),m.clearcoat>0&&(p.clearcoat.value=m.clearcoat,p.clearcoatRoughness.value=m.clearcoatRoughness,m.clearcoatMap&&(p.clearcoatMap.value=m.clearcoatMap,t(m.clearcoatMap,p.clearcoatMapTransform)),m.clearcoatRoughnessMap&&(p.clearcoatRoughnessMap.value=m.clearcoatRoughnessMap,t(m.clearcoatRoughnessMap,p.clearcoatRoughnessMapTransform)),m.clearcoatNormalMap&&(p.clearcoatNormalMap.value=m.clearcoatNormalMap,t(m.clearcoatNormalMap,p.clearcoatNormalMapTransform),p.clearcoatNormalScale.value.copy(m.clearcoatNormalScale),m.side===Ut&&p.clearcoatNormalScale.value.negate())),m.dispersion>0&&(p.dispersion.value=m.dispersion),m.retroreflectivity>0&&(p.retroreflectivity.value=m.retroreflectivity),m.iridescence>0&&(p.iridescence.value=m.iridescence,p.iridescenceIOR.value=m.iridescenceIOR,p.iridescenceThicknessMinimum.value=m.iridescenceThicknessMinimum,p.iridescenceThicknessMaximum.value=m.iridescenceThicknessMaximum,m.iridescenceMap&&(p.iridescenceMap.value=m.iridescenceMap,t(m.iridescenceMap,p.iridescenceMapTransform)),m.iridescenceThicknessMap&&(p.iridescenceThicknessMap.value=m.iridescenceThicknessMap,t(m.iridescenceThicknessMap,p.iridescenceThicknessMapTransform))),m.transmission>0&&(p.transmission.value=m.transmission,p.transmissionSamplerMap.value=v.texture,p.transmissionSamplerSize.value.set(v.width,v.height),m.transmissionMap&&(p.transmissionMap.value=m.transmissionMap,t(m.transmissionMap,p.transmissionMapTransform)),p.thickness.value=m.thickness,m.thicknessMap&&(p.thicknessMap.value=m.thicknessMap,t(m.thicknessMap,p.thicknessMapTransform)),p.attenuationDistance.value=m.attenuationDistance,p.attenuationColor.value.copy(m.attenuationColor)),m.anisotropy>0&&(p.anisotropyVector.value.set(m.anisotropy*Math.cos(m.anisotropyRotation),m.anisotropy*Math.sin(m.anisotropyRotation)),m.anisotropyMap&&(p.anisotropyMap.value=m.anisotropyMap,t(m.anisotropyMap,p.anisotropyMapTransform))),p.specularIntensity.value=m.specularIntensity,p.specularColor.value.copy(m.specularColor),m.specularColorMap&&(p.specularColorMap.value=m.specularColorMap,t(m.specularColorMap,p.specularColorMapTransform)),m.specularIntensityMap&&(p.specularIntensityMap.value=m.specularIntensityMap,t(m.specularIntensityMap,p.specularIntensityMapTransform))}function b(p,m){m.matcap&&(p.matcap.value=m.matcap)}function y(p,m){let v=e.get(m).light;p.referencePosition.value.setFromMatrixPosition(v.matrixWorld),p.nearDistance.value=v.shadow.camera.near,p.farDistance.value=v.shadow.camera.far}return{refreshFogUniforms:n,refreshMaterialUniforms:s}}function m3(i,e,t,n){let s={},a={};function r(v,E){let M=E.program;n.uniformBlockBinding(v,M,s[v.id])}function o(v,E){let M=s[v.id];M===void 0&&(b(v),M=c(v),s[v.id]=M,v.addEventListener("dispose",p));let A=E.program;n.updateUBOMapping(v,A);let T=e.render.frame;a[v.id]!==T&&(l(v),a[v.id]=T)}function c(v){let E=i.createBuffer(),M=v.__size,A=v.usage;return i.bindBuffer(i.UNIFORM_BUFFER,E),i.bufferData(i.UNIFORM_BUFFER,M,A),i.bindBuffer(i.UNIFORM_BUFFER,null),E}function l(v){let E=s[v.id],M=v.uniforms,A=v.__cache;i.bindBuffer(i.UNIFORM_BUFFER,E);for(let T=0,g=M.length;T<g;T++){let w=M[T];if(Array.isArray(w))for(let B=0,I=w.length;B<I;B++)d(w[B],T,B,A);else d(w,T,0,A)}i.bindBuffer(i.UNIFORM_BUFFER,null)}function d(v,E,M,A){if(f(v,E,M,A)===!0){let T=v.__offset,g=v.value;if(Array.isArray(g)){let w=0;for(let B=0;B<g.length;B++){let I=g[B],N=y(I,!0);h(I,v.__data,w),w+=N.storage/Float32Array.BYTES_PER_ELEMENT}}else h(g,v.__data,0);i.bufferSubData(i.UNIFORM_BUFFER,T,v.__data)}}function h(v,E,M){typeof v=="number"||typeof v=="boolean"?E[M]=v:v.isMatrix3?(E[M]=v.elements[0],E[M+1]=v.elements[1],E[M+2]=v.elements[2],E[M+3]=0,E[M+4]=v.elements[3],E[M+5]=v.elements[4],E[M+6]=v.elements[5],E[M+7]=0,E[M+8]=v.elements[6],E[M+9]=v.elements[7],E[M+10]=v.elements[8],E[M+11]=0):ArrayBuffer.isView(v)?E.set(v.subarray(0,E.length-M),M):v.toArray(E,M)}function f(v,E,M,A){let T=v.value,g=E+"_"+M;if(Array.isArray(T)){A[g]===void 0&&(A[g]=[]);let w=A[g],B=!1;for(let I=0;I<T.length;I++)u(T[I],w,I)===!0&&(B=!0);return B}return u(T,A,g)}function u(v,E,M){if(E[M]===void 0)return typeof v=="number"||typeof v=="boolean"?E[M]=v:ArrayBuffer.isView(v)?E[M]=v.slice():E[M]=v.clone(),!0;{let A=E[M];if(typeof v=="number"||typeof v=="boolean"){if(A!==v)return E[M]=v,!0}else{if(ArrayBuffer.isView(v))return!0;if(A.equals(v)===!1)return A.copy(v),!0}}return!1}function b(v){let E=v.uniforms,M=0,A=16;for(let g=0,w=E.length;g<w;g++){let B=Array.isArray(E[g])?E[g]:[E[g]];for(let I=0,N=B.length;I<N;I++){let V=B[I],Y=Array.isArray(V.value)?V.value:[V.value],P=Array.isArray(E[g])||Array.isArray(V.value),X=M;for(let G=0,ne=Y.length;G<ne;G++){let W=Y[G],Q=y(W,P),ee=M%A,Me=ee%Q.boundary,De=ee+Me;M+=Me,De!==0&&A-De<Q.storage&&(M+=A-De),G===0&&(X=M),M+=Q.storage}let K=V.type==="int"?Int32Array:V.type==="uint"?Uint32Array:Float32Array;V.__data=new K((M-X)/Float32Array.BYTES_PER_ELEMENT),V.__offset=X}}let T=M%A;return T>0&&(M+=A-T),v.__size=M,v.__cache={},this}function y(v,E){let M={boundary:0,storage:0};return typeof v=="number"||typeof v=="boolean"?(M.boundary=4,M.storage=4):v.isVector2?(M.boundary=8,M.storage=8):v.isVector3||v.isColor?(M.boundary=16,M.storage=12):v.isVector4?(M.boundary=16,M.storage=16):v.isMatrix3?(M.boundary=16,M.storage=48):v.isMatrix4?(M.boundary=16,M.storage=64):v.isTexture?Te("WebGLRenderer: Texture samplers can not be part of an uniforms group."):ArrayBuffer.isView(v)?(M.boundary=16,M.storage=v.byteLength):Te("WebGLRenderer: Unsupported uniform value type.",v),E===!0&&(M.boundary=16,M.storage=Math.ceil(M.storage/16)*16),M}function p(v){let E=v.target;E.removeEventListener("dispose",p),i.deleteBuffer(s[E.id]),delete s[E.id],delete a[E.id]}function m(){for(let v in s)i.deleteBuffer(s[v]);s={},a={}}return{bind:r,update:o,dispose:m}}var b3=new Uint16Array([12469,15057,12620,14925,13266,14620,13807,14376,14323,13990,14545,13625,14713,13328,14840,12882,14931,12528,14996,12233,15039,11829,15066,11525,15080,11295,15085,10976,15082,10705,15073,10495,13880,14564,13898,14542,13977,14430,14158,14124,14393,13732,14556,13410,14702,12996,14814,12596,14891,12291,14937,11834,14957,11489,14958,11194,14943,10803,14921,10506,14893,10278,14858,9960,14484,14039,14487,14025,14499,13941,14524,13740,14574,13468,14654,13106,14743,12678,14818,12344,14867,11893,14889,11509,14893,11180,14881,10751,14852,10428,14812,10128,14765,9754,14712,9466,14764,13480,14764,13475,14766,13440,14766,13347,14769,13070,14786,12713,14816,12387,14844,11957,14860,11549,14868,11215,14855,10751,14825,10403,14782,10044,14729,9651,14666,9352,14599,9029,14967,12835,14966,12831,14963,12804,14954,12723,14936,12564,14917,12347,14900,11958,14886,11569,14878,11247,14859,10765,14828,10401,14784,10011,14727,9600,14660,9289,14586,8893,14508,8533,15111,12234,15110,12234,15104,12216,15092,12156,15067,12010,15028,11776,14981,11500,14942,11205,14902,10752,14861,10393,14812,9991,14752,9570,14682,9252,14603,8808,14519,8445,14431,8145,15209,11449,15208,11451,15202,11451,15190,11438,15163,11384,15117,11274,15055,10979,14994,10648,14932,10343,14871,9936,14803,9532,14729,9218,14645,8742,14556,8381,14461,8020,14365,7603,15273,10603,15272,10607,15267,10619,15256,10631,15231,10614,15182,10535,15118,10389,15042,10167,14963,9787,14883,9447,14800,9115,14710,8665,14615,8318,14514,7911,14411,7507,14279,7198,15314,9675,15313,9683,15309,9712,15298,9759,15277,9797,15229,9773,15166,9668,15084,9487,14995,9274,14898,8910,14800,8539,14697,8234,14590,7790,14479,7409,14367,7067,14178,6621,15337,8619,15337,8631,15333,8677,15325,8769,15305,8871,15264,8940,15202,8909,15119,8775,15022,8565,14916,8328,14804,8009,14688,7614,14569,7287,14448,6888,14321,6483,14088,6171,15350,7402,15350,7419,15347,7480,15340,7613,15322,7804,15287,7973,15229,8057,15148,8012,15046,7846,14933,7611,14810,7357,14682,7069,14552,6656,14421,6316,14251,5948,14007,5528,15356,5942,15356,5977,15353,6119,15348,6294,15332,6551,15302,6824,15249,7044,15171,7122,15070,7050,14949,6861,14818,6611,14679,6349,14538,6067,14398,5651,14189,5311,13935,4958,15359,4123,15359,4153,15356,4296,15353,4646,15338,5160,15311,5508,15263,5829,15188,6042,15088,6094,14966,6001,14826,5796,14678,5543,14527,5287,14377,4985,14133,4586,13869,4257,15360,1563,15360,1642,15358,2076,15354,2636,15341,3350,15317,4019,15273,4429,15203,4732,15105,4911,14981,4932,14836,4818,14679,4621,14517,4386,14359,4156,14083,3795,13808,3437,15360,122,15360,137,15358,285,15355,636,15344,1274,15322,2177,15281,2765,15215,3223,15120,3451,14995,3569,14846,3567,14681,3466,14511,3305,14344,3121,14037,2800,13753,2467,15360,0,15360,1,15359,21,15355,89,15346,253,15325,479,15287,796,15225,1148,15133,1492,15008,1749,14856,1882,14685,1886,14506,1783,14324,1608,13996,1398,13702,1183]),Mn=null;function g3(){return Mn===null&&(Mn=new $a(b3,16,16,fi,hn),Mn.name="DFG_LUT",Mn.minFilter=Dt,Mn.magFilter=Dt,Mn.wrapS=gn,Mn.wrapT=gn,Mn.generateMipmaps=!1,Mn.needsUpdate=!0),Mn}var so=class{constructor(e={}){let{canvas:t=ef(),context:n=null,depth:s=!0,stencil:a=!1,alpha:r=!1,antialias:o=!1,premultipliedAlpha:c=!0,preserveDrawingBuffer:l=!1,powerPreference:d="default",failIfMajorPerformanceCaveat:h=!1,reversedDepthBuffer:f=!1,outputBufferType:u=Vt}=e;this.isWebGLRenderer=!0;let b;if(n!==null){if(typeof WebGLRenderingContext<"u"&&n instanceof WebGLRenderingContext)throw new Error("THREE.WebGLRenderer: WebGL 1 is not supported since r163.");b=n.getContextAttributes().alpha}else b=r;let y=u,p=new Set([Sr,Mr,vr]),m=new Set([Vt,dn,cs,wi,xr,yr]),v=new Uint32Array(4),E=new Int32Array(4),M={textures:[],min:[],max:[],resolution:[]},A=null,T=null,g=[],w=[],B=null;this.domElement=t,this.debug={checkShaderErrors:!0,diagnostics:{keywords:!1},onShaderError:null},this.autoClear=!0,this.autoClearColor=!0,this.autoClearDepth=!0,this.autoClearStencil=!0,this.sortObjects=!0,this.clippingPlanes=[],this.localClippingEnabled=!1,this.toneMapping=vn,this.toneMappingExposure=1,this.transmissionResolutionScale=1;let I=this,N=!1,V=null,Y=null,P=null,X=null;this._outputColorSpace=Xt;let K=0,G=0,ne=null,W=-1,Q=null,ee=new ot,Me=new ot,De=null,Z=new Ge(0),me=0,xe=t.width,Ae=t.height,be=1,Oe=null,ht=null,Pe=new ot(0,0,xe,Ae),Je=new ot(0,0,xe,Ae),je=!1,He=new ii,Et=new Za,mt=!1,Ot=!1,ct=new et,mn=new D,yt=new ot,jt={background:null,fog:null,environment:null,overrideMaterial:null,isScene:!0},Qt=!1;function en(){return ne===null?be:1}let L=n;function tn(x,R){return t.getContext(x,R)}let at,rt,he,bt,Ce,Ne,S,_,O,te,j,ae,de,q,$,oe,C,J,H,ce,se,re,we;try{let x={alpha:!0,depth:s,stencil:a,antialias:o,premultipliedAlpha:c,preserveDrawingBuffer:l,powerPreference:d,failIfMajorPerformanceCaveat:h};if("setAttribute"in t&&t.setAttribute("data-engine",`three.js r${"187"}`),t.addEventListener("webglcontextlost",Ee,!1),t.addEventListener("webglcontextrestored",Fe,!1),t.addEventListener("webglcontextcreationerror",ue,!1),L===null){let R="webgl2";if(L=tn(R,x),L===null)throw tn(R)?new Error("THREE.WebGLRenderer: Error creating WebGL context with your selected attributes."):new Error("THREE.WebGLRenderer: Error creating WebGL context.")}Be()}catch(x){throw t.removeEventListener("webglcontextlost",Ee,!1),t.removeEventListener("webglcontextrestored",Fe,!1),t.removeEventListener("webglcontextcreationerror",ue,!1),Ie("WebGLRenderer: "+x.message),x}function Be(){at=new Cm(L),at.init(),se=new d3(L,at),rt=new gm(L,at,e,se),he=new c3(L,at),rt.reversedDepthBuffer&&f&&he.buffers.depth.setReversed(!0),Y=L.createFramebuffer(),P=L.createFramebuffer(),X=L.createFramebuffer(),bt=new Im(L),Ce=new $b,Ne=new l3(L,at,he,Ce,rt,se,bt),S=new Am(I),_=new Nu(L),re=new mm(L,_),O=new Rm(L,_,bt,re),te=new Nm(L,O,_,re,bt),J=new Lm(L,rt,Ne),$=new _m(Ce),j=new Yb(I,S,at,rt,re,$),ae=new p3(I,Ce),de=new Jb,q=new n3(at),C=new pm(I,S,he,te,b,c),oe=new o3(I,te,rt),we=new m3(L,bt,rt,he),H=new bm(L,at,bt),ce=new Pm(L,at,bt),bt.programs=j.programs,I.capabilities=rt,I.extensions=at,I.properties=Ce,I.renderLists=de,I.shadowMap=oe,I.state=he,I.info=bt}y!==Vt&&(B=new Um(y,t.width,t.height,o,s,a));let ie=new Jc(I,L);this.xr=ie,this.getContext=function(){return L},this.getContextAttributes=function(){return L.getContextAttributes()},this.forceContextLoss=function(){let x=at.get("WEBGL_lose_context");x&&x.loseContext()},this.forceContextRestore=function(){let x=at.get("WEBGL_lose_context");x&&x.restoreContext()},this.getPixelRatio=function(){return be},this.setPixelRatio=function(x){x!==void 0&&(be=x,this.setSize(xe,Ae,!1))},this.getSize=function(x){return x.set(xe,Ae)},this.setSize=function(x,R,k=!0){if(ie.isPresenting){Te("WebGLRenderer: Can't change size while VR device is presenting.");return}xe=x,Ae=R,t.width=Math.floor(x*be),t.height=Math.floor(R*be),k===!0&&(t.style.width=x+"px",t.style.height=R+"px"),B!==null&&B.setSize(t.width,t.height),this.setViewport(0,0,x,R)},this.getDrawingBufferSize=function(x){return x.set(xe*be,Ae*be).floor()},this.setDrawingBufferSize=function(x,R,k){xe=x,Ae=R,be=k,t.width=Math.floor(x*k),t.height=Math.floor(R*k),this.setViewport(0,0,x,R)},this.setEffects=function(x){if(y===Vt){Ie("WebGLRenderer: setEffects() requires outputBufferType set to HalfFloatType or FloatType.");return}if(x){for(let R=0;R<x.length;R++)if(x[R].isOutputPass===!0){Te("WebGLRenderer: OutputPass is not needed in setEffects(). Tone mapping and color space conversion are applied automatically.");break}}B.setEffects(x||[])},this.getCurrentViewport=function(x){return x.copy(ee)},this.getViewport=function(x){return x.copy(Pe)},this.setViewport=function(x,R,k,U){x.isVector4?Pe.set(x.x,x.y,x.z,x.w):Pe.set(x,R,k,U),he.viewport(ee.copy(Pe).multiplyScalar(en()).round())},this.getScissor=function(x){return x.copy(Je)},this.setScissor=function(x,R,k,U){x.isVector4?Je.set(x.x,x.y,x.z,x.w):Je.set(x,R,k,U),he.scissor(Me.copy(Je).multiplyScalar(en()).round())},this.getScissorTest=function(){return je},this.setScissorTest=function(x){he.setScissorTest(je=x)},this.setOpaqueSort=function(x){Oe=x},this.setTransparentSort=function(x){ht=x},this.getClearColor=function(x){return x.copy(C.getClearColor())},this.setClearColor=function(){C.setClearColor(...arguments)},this.getClearAlpha=function(){return C.getClearAlpha()},this.setClearAlpha=function(){C.setClearAlpha(...arguments)},this.clear=function(x=!0,R=!0,k=!0){let U=0;if(x){let F=!1;if(ne!==null){let fe=ne.texture.format;F=p.has(fe)}if(F){let fe=ne.texture.type,_e=m.has(fe),le=C.getClearColor(),ge=C.getClearAlpha(),Se=le.r,Ue=le.g,We=le.b;_e?(v[0]=Se,v[1]=Ue,v[2]=We,v[3]=ge,L.clearBufferuiv(L.COLOR,0,v)):(E[0]=Se,E[1]=Ue,E[2]=We,E[3]=ge,L.clearBufferiv(L.COLOR,0,E))}else U|=L.COLOR_BUFFER_BIT}R&&(U|=L.DEPTH_BUFFER_BIT,this.state.buffers.depth.setMask(!0)),k&&(U|=L.STENCIL_BUFFER_BIT,this.state.buffers.stencil.setMask(4294967295)),U!==0&&L.clear(U)},this.clearColor=function(){this.clear(!0,!1,!1)},this.clearDepth=function(){this.clear(!1,!0,!1)},this.clearStencil=function(){this.clear(!1,!1,!0)},this.setNodesHandler=function(x){x.setRenderer(this),V=x},this.dispose=function(){t.removeEventListener("webglcontextlost",Ee,!1),t.removeEventListener("webglcontextrestored",Fe,!1),t.removeEventListener("webglcontextcreationerror",ue,!1),C.dispose(),de.dispose(),q.dispose(),Ne.dispose(),Ce.dispose(),S.dispose(),te.dispose(),O.dispose(),re.dispose(),we.dispose(),j.dispose(),ie.dispose(),ie.removeEventListener("sessionstart",Nl),ie.removeEventListener("sessionend",Dl),ui.stop()};function Ee(x){x.preventDefault(),Lc("WebGLRenderer: Context Lost."),N=!0}function Fe(){Lc("WebGLRenderer: Context Restored."),N=!1;let x=bt.autoReset,R=oe.enabled,k=oe.autoUpdate,U=oe.needsUpdate,F=oe.type;Be(),bt.autoReset=x,oe.enabled=R,oe.autoUpdate=k,oe.needsUpdate=U,oe.type=F}function ue(x){Ie("WebGLRenderer: A WebGL context could not be created. Reason: ",x.statusMessage)}function Ke(x){let R=x.target;R.removeEventListener("dispose",Ke),vt(R)}function vt(x){Yn(x),Ce.remove(x)}function Yn(x){let R=Ce.get(x).programs;R!==void 0&&(R.forEach(function(k){j.releaseProgram(k)}),x.isShaderMaterial&&j.releaseShaderCache(x))}this.renderBufferDirect=function(x,R,k,U,F,fe){R===null&&(R=jt);let _e=F.isMesh&&F.matrixWorld.determinantAffine()<0,le=Dh(x,R,k,U,F);he.setMaterial(U,_e);let ge=k.index,Se=1;if(U.wireframe===!0){if(ge=O.getWireframeAttribute(k),ge===void 0)return;Se=2}let Ue=k.drawRange,We=k.attributes.position,ye=Ue.start*Se,Xe=(Ue.start+Ue.count)*Se;fe!==null&&(ye=Math.max(ye,fe.start*Se),Xe=Math.min(Xe,(fe.start+fe.count)*Se)),ge!==null?(ye=Math.max(ye,0),Xe=Math.min(Xe,ge.count)):We!=null&&(ye=Math.max(ye,0),Xe=Math.min(Xe,We.count));let ut=Xe-ye;if(ut<0||ut===1/0)return;re.setup(F,U,le,k,ge);let tt,Qe=H;if(ge!==null&&(tt=_.get(ge),Qe=ce,Qe.setIndex(tt)),F.isMesh)U.wireframe===!0?(he.setLineWidth(U.wireframeLinewidth*en()),Qe.setMode(L.LINES)):Qe.setMode(L.TRIANGLES);else if(F.isLine){let Ct=U.linewidth;Ct===void 0&&(Ct=1),he.setLineWidth(Ct*en()),F.isLineSegments?Qe.setMode(L.LINES):F.isLineLoop?Qe.setMode(L.LINE_LOOP):Qe.setMode(L.LINE_STRIP)}else F.isPoints?Qe.setMode(L.POINTS):F.isSprite&&Qe.setMode(L.TRIANGLES);if(F.isBatchedMesh)if(at.get("WEBGL_multi_draw"))Qe.renderMultiDraw(F._multiDrawStarts,F._multiDrawCounts,F._multiDrawCount);else{let Ct=F._multiDrawStarts,ve=F._multiDrawCounts,Nt=F._multiDrawCount,Ye=ge?_.get(ge).bytesPerElement:1,pi=Ce.get(U).currentProgram.getUniforms();for(let Rt=0;Rt<Nt;Rt++)pi.setValue(L,"_gl_DrawID",Rt),Qe.render(Ct[Rt]/Ye,ve[Rt])}else if(F.isInstancedMesh)Qe.renderInstances(ye,ut,F.count);else if(k.isInstancedBufferGeometry){let Ct=k._maxInstanceCount!==void 0?k._maxInstanceCount:1/0,ve=Math.min(k.instanceCount,Ct);Qe.renderInstances(ye,ut,ve)}else Qe.render(ye,ut)};function Ll(x,R,k,U){V!==null&&x.isNodeMaterial&&V.setObject(U,x),mt===!0&&$.setState(x,k,!1),x.transparent===!0&&x.side===yn&&x.forceSinglePass===!1?(x.side=Ut,x.needsUpdate=!0,gs(x,R,U),x.side=di,x.needsUpdate=!0,gs(x,R,U),x.side=yn):gs(x,R,U)}this.compile=function(x,R,k=null){k===null&&(k=x),V!==null&&V.renderStart(x,R,k),T=q.get(k),T.init(R),w.push(T),k.traverseVisible(function(F){F.isLight&&F.layers.test(R.layers)&&(T.pushLight(F),F.castShadow&&T.pushShadow(F))}),x!==k&&x.traverseVisible(function(F){F.isLight&&F.layers.test(R.layers)&&(T.pushLight(F),F.castShadow&&T.pushShadow(F))}),T.setupLights(),V!==null&&V.updateLights(T.state.lightsArray),Ot=this.localClippingEnabled,mt=$.init(this.clippingPlanes,Ot),mt===!0&&$.setGlobalState(this.clippingPlanes,R),V!==null&&oe.render(T.state.shadowsArray,k,R);let U=new Set;return x.traverse(function(F){if(!(F.isMesh||F.isPoints||F.isLine||F.isSprite))return;let fe=F.material;if(fe)if(Array.isArray(fe))for(let _e=0;_e<fe.length;_e++){let le=fe[_e];Ll(le,k,R,F),U.add(le)}else Ll(fe,k,R,F),U.add(fe)}),T=w.pop(),V!==null&&V.renderEnd(),U},this.compileAsync=function(x,R,k=null){let U=this.compile(x,R,k);return new Promise(F=>{function fe(){if(U.forEach(function(_e){let ge=Ce.get(_e).currentProgram;(ge===void 0||ge.isReady())&&U.delete(_e)}),U.size===0){F(x);return}setTimeout(fe,10)}at.get("KHR_parallel_shader_compile")!==null?fe():setTimeout(fe,10)})};let Ro=null;function Lh(x){Ro&&Ro(x)}function Nl(){ui.stop()}function Dl(){ui.start()}let ui=new Lf;ui.setAnimationLoop(Lh),typeof self<"u"&&ui.setContext(self),this.setAnimationLoop=function(x){Ro=x,ie.setAnimationLoop(x),x===null?ui.stop():ui.start()},ie.addEventListener("sessionstart",Nl),ie.addEventListener("sessionend",Dl),this.render=function(x,R){if(R!==void 0&&R.isCamera!==!0){Ie("WebGLRenderer.render: camera is not an instance of THREE.Camera.");return}if(N===!0)return;V!==null&&V.renderStart(x,R);let k=ie.enabled===!0&&ie.isPresenting===!0,U=B!==null&&(ne===null||k)&&B.begin(I,ne);if(x.matrixWorldAutoUpdate===!0&&x.updateMatrixWorld(),R.parent===null&&R.matrixWorldAutoUpdate===!0&&R.updateMatrixWorld(),ie.enabled===!0&&ie.isPresenting===!0&&(B===null||B.isCompositing()===!1)&&(ie.cameraAutoUpdate===!0&&ie.updateCamera(R),R=ie.getCamera()),x.isScene===!0&&x.onBeforeRender(I,x,R,ne),T=q.get(x,w.length),T.init(R),T.state.textureUnits=Ne.getTextureUnits(),w.push(T),ct.multiplyMatrices(R.projectionMatrix,R.matrixWorldInverse),R.isArrayCamera?Et.setFromArrayCamera(R):He.setFromProjectionMatrix(ct,sn,R.reversedDepth),Ot=this.localClippingEnabled,mt=$.init(this.clippingPlanes,Ot),A=de.get(x,g.length),A.init(),g.push(A),this.info.render.frame++,ie.enabled===!0&&ie.isPresenting===!0){let _e=I.xr.getDepthSensingMesh();_e!==null&&Po(_e,R,-1/0,I.sortObjects)}Po(x,R,0,I.sortObjects),A.finish(),V!==null&&V.updateLights(T.state.lightsArray),I.sortObjects===!0&&A.sort(Oe,ht),Qt=ie.enabled===!1||ie.isPresenting===!1||ie.hasDepthSensing()===!1,Qt&&C.addToRenderList(A,x),this.info.autoReset===!0&&this.info.reset(),mt===!0&&$.beginShadows();let F=T.state.shadowsArray;if(oe.render(F,x,R),mt===!0&&$.endShadows(),(U&&B.hasRenderPass())===!1){let _e=A.opaque,le=A.transmissive;if(T.setupLights(),R.isArrayCamera){let ge=R.cameras;if(le.length>0)for(let Se=0,Ue=ge.length;Se<Ue;Se++){let We=ge[Se];Ol(_e,le,x,We)}Qt&&C.render(x);for(let Se=0,Ue=ge.length;Se<Ue;Se++){let We=ge[Se];Ul(A,x,We,We.viewport)}}else le.length>0&&Ol(_e,le,x,R),Qt&&C.render(x),Ul(A,x,R)}ne!==null&&G===0&&(Ne.updateMultisampleRenderTarget(ne),Ne.updateRenderTargetMipmap(ne)),U&&B.end(I),x.isScene===!0&&x.onAfterRender(I,x,R),re.resetDefaultState(),W=-1,Q=null,w.pop(),w.length>0?(T=w[w.length-1],Ne.setTextureUnits(T.state.textureUnits),mt===!0&&$.setGlobalState(I.clippingPlanes,T.state.camera)):T=null,g.pop(),g.length>0?A=g[g.length-1]:A=null,V!==null&&V.renderEnd()};function Po(x,R,k,U){if(x.visible===!1)return;if(x.layers.test(R.layers)){if(x.isGroup)k=x.renderOrder;else if(x.isLOD)x.autoUpdate===!0&&x.update(R);else if(x.isLight)T.pushLight(x),x.castShadow&&T.pushShadow(x);else if(x.isSprite){let _e=R.isArrayCamera?Et:He;if(!x.frustumCulled||x.intersectsFrustum(_e)){U&&yt.setFromMatrixPosition(x.matrixWorld).applyMatrix4(ct);let le=te.update(x),ge=x.material;ge.visible&&A.push(x,le,ge,k,yt.z,null,R)}}else if(x.isMesh||x.isLine||x.isPoints){let _e=R.isArrayCamera?Et:He;if(!x.frustumCulled||x.intersectsFrustum(_e)){let le=te.update(x),ge=x.material;if(U&&(x.boundingSphere!==void 0?(x.boundingSphere===null&&x.computeBoundingSphere(),yt.copy(x.boundingSphere.center)):(le.boundingSphere===null&&le.computeBoundingSphere(),yt.copy(le.boundingSphere.center)),yt.applyMatrix4(x.matrixWorld).applyMatrix4(ct)),Array.isArray(ge)){let Se=le.groups;for(let Ue=0,We=Se.length;Ue<We;Ue++){let ye=Se[Ue],Xe=ge[ye.materialIndex];Xe&&Xe.visible&&A.push(x,le,Xe,k,yt.z,ye,R)}}else ge.visible&&A.push(x,le,ge,k,yt.z,null,R)}}}let fe=x.children;for(let _e=0,le=fe.length;_e<le;_e++)Po(fe[_e],R,k,U)}function Ul(x,R,k,U){let{opaque:F,transmissive:fe,transparent:_e}=x;T.setupLightsView(k),mt===!0&&$.setGlobalState(I.clippingPlanes,k),U&&he.viewport(ee.copy(U)),F.length>0&&oa(F,R,k),fe.length>0&&oa(fe,R,k),_e.length>0&&oa(_e,R,k),he.buffers.depth.setTest(!0),he.buffers.depth.setMask(!0),he.buffers.color.setMask(!0),he.setPolygonOffset(!1)}function Ol(x,R,k,U){if((k.isScene===!0?k.overrideMaterial:null)!==null)return;if(T.state.transmissionRenderTarget[U.id]===void 0){let ye=at.has("EXT_color_buffer_half_float")||at.has("EXT_color_buffer_float");T.state.transmissionRenderTarget[U.id]=new Zt(1,1,{generateMipmaps:!0,type:ye?hn:Vt,minFilter:Fn,samples:Math.max(4,rt.samples),stencilBuffer:a,resolveDepthBuffer:!1,resolveStencilBuffer:!1,storeMultisampledDepthBuffer:!1,storeMultisampledStencilBuffer:!1,colorSpace:ke.workingColorSpace})}let fe=T.state.transmissionRenderTarget[U.id],_e=U.viewport||ee;fe.setSize(_e.z*I.transmissionResolutionScale,_e.w*I.transmissionResolutionScale);let le=I.getRenderTarget(),ge=I.getActiveCubeFace(),Se=I.getActiveMipmapLevel();I.setRenderTarget(fe),I.getClearColor(Z),me=I.getClearAlpha(),me<1&&I.setClearColor(16777215,.5),I.clear(),Qt&&C.render(k);let Ue=I.toneMapping;I.toneMapping=vn;let We=U.viewport;if(U.viewport!==void 0&&(U.viewport=void 0),T.setupLightsView(U),mt===!0&&$.setGlobalState(I.clippingPlanes,U),oa(x,k,U),Ne.updateMultisampleRenderTarget(fe),Ne.updateRenderTargetMipmap(fe),at.has("WEBGL_multisampled_render_to_texture")===!1){let ye=!1;for(let Xe=0,ut=R.length;Xe<ut;Xe++){let tt=R[Xe],{object:Qe,geometry:Ct,material:ve,group:Nt}=tt;if(ve.side===yn&&Qe.layers.test(U.layers)){let Ye=ve.side;ve.side=Ut,ve.needsUpdate=!0,Fl(Qe,k,U,Ct,ve,Nt),ve.side=Ye,ve.needsUpdate=!0,ye=!0}}ye===!0&&(Ne.updateMultisampleRenderTarget(fe),Ne.updateRenderTargetMipmap(fe))}I.setRenderTarget(le,ge,Se),I.setClearColor(Z,me),We!==void 0&&(U.viewport=We),I.toneMapping=Ue}function oa(x,R,k){let U=R.isScene===!0?R.overrideMaterial:null;for(let F=0,fe=x.length;F<fe;F++){let _e=x[F],{object:le,geometry:ge,group:Se}=_e,Ue=_e.material;Ue.allowOverride===!0&&U!==null&&(Ue=U),le.layers.test(k.layers)&&Fl(le,R,k,ge,Ue,Se)}}function Fl(x,R,k,U,F,fe){V!==null&&F.isNodeMaterial&&V.setObject(x,F),x.onBeforeRender(I,R,k,U,F,fe),x.modelViewMatrix.multiplyMatrices(k.matrixWorldInverse,x.matrixWorld),x.normalMatrix.getNormalMatrix(x.modelViewMatrix),F.onBeforeRender(I,R,k,U,x,fe),F.transparent===!0&&F.side===yn&&F.forceSinglePass===!1?(F.side=Ut,F.needsUpdate=!0,I.renderBufferDirect(k,R,U,F,x,fe),F.side=di,F.needsUpdate=!0,I.renderBufferDirect(k,R,U,F,x,fe),F.side=yn):I.renderBufferDirect(k,R,U,F,x,fe),x.onAfterRender(I,R,k,U,F,fe)}function Bl(x){let R=0;for(let k of x)k.texture!==null&&R++;return R}function gs(x,R,k){R.isScene!==!0&&(R=jt);let U=Ce.get(x),F=T.state.lights,fe=T.state.shadowsArray,_e=F.state.version,le=j.getParameters(x,F.state,fe,R,k,T.state.lightProbeGridArray),ge=j.getProgramCacheKey(le),Se=U.programs;U.environment=x.isMeshStandardMaterial||x.isMeshLambertMaterial||x.isMeshPhongMaterial?R.environment:null,U.fog=R.fog;let Ue=x.isMeshStandardMaterial||x.isMeshLambertMaterial&&!x.envMap||x.isMeshPhongMaterial&&!x.envMap;U.envMap=S.get(x.envMap||U.environment,Ue),U.envMapRotation=U.environment!==null&&x.envMap===null?R.environmentRotation:x.envMapRotation,Se===void 0&&(x.addEventListener("dispose",Ke),Se=new Map,U.programs=Se,U.programVariants=new Map);let We=Se.get(ge);if(We!==void 0){if(U.currentProgram===We&&U.lightsStateVersion===_e)return kl(x,le),We}else le.uniforms=j.getUniforms(x),V!==null&&x.isNodeMaterial&&V.build(x,k,le),x.onBeforeCompile(le,I),We=j.acquireProgram(le,ge),Se.set(ge,We),U.uniforms=le.uniforms;let ye=U.uniforms;return(!x.isShaderMaterial&&!x.isRawShaderMaterial||x.clipping===!0)&&(ye.clippingPlanes=$.uniform),kl(x,le),U.needsLights=Oh(x),U.lightsStateVersion=_e,U.needsLights&&(ye.ambientLightColor.value=F.state.ambient,ye.lightProbe.value=F.state.probe,ye.sunLights.value=F.state.sun,ye.sunLightShadows.value=F.state.sunShadow,ye.directionalLights.value=F.state.directional,ye.directionalLightShadows.value=F.state.directionalShadow,ye.spotLights.value=F.state.spot,ye.spotLightShadows.value=F.state.spotShadow,ye.rectAreaLights.value=F.state.rectArea,ye.ltc_1.value=F.state.rectAreaLTC1,ye.ltc_2.value=F.state.rectAreaLTC2,ye.pointLights.value=F.state.point,ye.pointLightShadows.value=F.state.pointShadow,ye.hemisphereLights.value=F.state.hemi,ye.sunShadowMatrix.value=F.state.sunShadowMatrix,ye.sunShadowCascade.value=F.state.sunShadowCascade,ye.directionalShadowMatrix.value=F.state.directionalShadowMatrix,ye.spotLightMatrix.value=F.state.spotLightMatrix,ye.spotLightMap.value=F.state.spotLightMap,ye.pointShadowMatrix.value=F.state.pointShadowMatrix),U.numLightProbeGrids=Bl(T.state.lightProbeGridArray),U.currentProgram=We,U.uniformsList=null,We}function Nh(x,R,k,U,F){let fe=Ce.get(x),_e=fe.currentProgram.id+","+U+","+F,le=fe.programVariants.get(_e);return le===void 0?(le=gs(x,R,k),fe.programVariants.set(_e,le)):(fe.currentProgram=le,fe.uniformsList=null,fe.outputColorSpace=U,fe.toneMapping=F),le}function zl(x){if(x.uniformsList===null){let R=x.currentProgram.getUniforms();x.uniformsList=ds.seqWithValue(R.seq,x.uniforms)}return x.uniformsList}function kl(x,R){let k=Ce.get(x);k.outputColorSpace=R.outputColorSpace,k.batching=R.batching,k.batchingColor=R.batchingColor,k.instancing=R.instancing,k.instancingColor=R.instancingColor,k.instancingMorph=R.instancingMorph,k.skinning=R.skinning,k.morphTargets=R.morphTargets,k.morphNormals=R.morphNormals,k.morphColors=R.morphColors,k.morphTargetsCount=R.morphTargetsCount,k.numClippingPlanes=R.numClippingPlanes,k.numIntersection=R.numClipIntersection,k.vertexAlphas=R.vertexAlphas,k.vertexTangents=R.vertexTangents,k.toneMapping=R.toneMapping}function Dh(x,R,k,U,F){R.isScene!==!0&&(R=jt),Ne.resetTextureUnits();let fe=R.fog,_e=U.isMeshStandardMaterial||U.isMeshLambertMaterial||U.isMeshPhongMaterial?R.environment:null,le=ne===null?I.outputColorSpace:ne.isXRRenderTarget===!0?ne.texture.colorSpace:ke.workingColorSpace,ge=U.isMeshStandardMaterial||U.isMeshLambertMaterial&&!U.envMap||U.isMeshPhongMaterial&&!U.envMap,Se=S.get(U.envMap||_e,ge),Ue=U.vertexColors===!0&&!!k.attributes.color&&k.attributes.color.itemSize===4,We=!!k.attributes.tangent&&(!!U.normalMap||U.anisotropy>0),ye=!!k.morphAttributes.position,Xe=!!k.morphAttributes.normal,ut=!!k.morphAttributes.color,tt=vn;U.toneMapped&&(ne===null||ne.isXRRenderTarget===!0)&&(tt=I.toneMapping);let Qe=k.morphAttributes.position||k.morphAttributes.normal||k.morphAttributes.color,Ct=Qe!==void 0?Qe.length:0,ve=Ce.get(U),Nt=T.state.lights;if(mt===!0&&(Ot===!0||x!==Q)){let lt=x===Q&&U.id===W;$.setState(U,x,lt)}let Ye=!1,pi=!1;U.version===ve.__version?ve.needsLights&&ve.lightsStateVersion!==Nt.state.version||F.isBatchedMesh&&ve.batching===!1||!F.isBatchedMesh&&ve.batching===!0||F.isBatchedMesh&&ve.batchingColor===!0&&F._colorsTexture===null||F.isBatchedMesh&&ve.batchingColor===!1&&F._colorsTexture!==null||F.isInstancedMesh&&ve.instancing===!1||!F.isInstancedMesh&&ve.instancing===!0||F.isSkinnedMesh&&ve.skinning===!1||!F.isSkinnedMesh&&ve.skinning===!0||F.isInstancedMesh&&ve.instancingColor===!0&&F.instanceColor===null||F.isInstancedMesh&&ve.instancingColor===!1&&F.instanceColor!==null||F.isInstancedMesh&&ve.instancingMorph===!0&&F.morphTexture===null||F.isInstancedMesh&&ve.instancingMorph===!1&&F.morphTexture!==null||ve.envMap!==Se||U.fog===!0&&ve.fog!==fe||ve.numClippingPlanes!==void 0&&(ve.numClippingPlanes!==$.numPlanes||ve.numIntersection!==$.numIntersection)||ve.vertexAlphas!==Ue||ve.vertexTangents!==We||ve.morphTargets!==ye||ve.morphNormals!==Xe||ve.morphColors!==ut||ve.morphTargetsCount!==Ct||ve.numLightProbeGrids!==Bl(T.state.lightProbeGridArray)?Ye=!0:(ve.outputColorSpace!==le||ve.toneMapping!==tt)&&(pi=!0):(Ye=!0,ve.__version=U.version);let Rt=ve.currentProgram;(Ye===!0||pi===!0)&&(Rt=pi===!0?Nh(U,R,F,le,tt):gs(U,R,F),V&&U.isNodeMaterial&&V.onUpdateProgram(U,Rt,ve));let ca=!1,$n=!1,mi=!1,qe=Rt.getUniforms(),Tt=ve.uniforms;if(he.useProgram(Rt.program)&&(ca=!0,$n=!0,mi=!0),U.id!==W&&(W=U.id,$n=!0),ca||Q!==x){he.buffers.depth.getReversed()&&x.reversedDepth!==!0&&(x._reversedDepth=!0,x.updateProjectionMatrix()),qe.setValue(L,"projectionMatrix",x.projectionMatrix),qe.setValue(L,"viewMatrix",x.matrixWorldInverse);let Mt=qe.map.cameraPosition;Mt!==void 0&&Mt.setValue(L,mn.setFromMatrixPosition(x.matrixWorld)),rt.logarithmicDepthBuffer&&qe.setValue(L,"logDepthBufFC",2/(Math.log(x.far+1)/Math.LN2)),(U.isMeshPhongMaterial||U.isMeshToonMaterial||U.isMeshLambertMaterial||U.isMeshBasicMaterial||U.isMeshStandardMaterial||U.isShaderMaterial)&&qe.setValue(L,"isOrthographic",x.isOrthographicCamera===!0),Q!==x&&(Q=x,$n=!0,mi=!0)}if(ve.needsLights&&(Nt.state.sunShadowMap.length>0&&qe.setValue(L,"sunShadowMap",Nt.state.sunShadowMap,Ne),Nt.state.directionalShadowMap.length>0&&qe.setValue(L,"directionalShadowMap",Nt.state.directionalShadowMap,Ne),Nt.state.spotShadowMap.length>0&&qe.setValue(L,"spotShadowMap",Nt.state.spotShadowMap,Ne),Nt.state.pointShadowMap.length>0&&qe.setValue(L,"pointShadowMap",Nt.state.pointShadowMap,Ne)),F.isSkinnedMesh){qe.setOptional(L,F,"bindMatrix"),qe.setOptional(L,F,"bindMatrixInverse");let lt=F.skeleton;lt&&(lt.boneTexture===null&&lt.computeBoneTexture(),qe.setValue(L,"boneTexture",lt.boneTexture,Ne))}F.isBatchedMesh&&(qe.setOptional(L,F,"batchingTexture"),qe.setValue(L,"batchingTexture",F._matricesTexture,Ne),qe.setOptional(L,F,"batchingIdTexture"),qe.setValue(L,"batchingIdTexture",F._indirectTexture,Ne),qe.setOptional(L,F,"batchingColorTexture"),F._colorsTexture!==null&&qe.setValue(L,"batchingColorTexture",F._colorsTexture,Ne));let an=k.morphAttributes;if((an.position!==void 0||an.normal!==void 0||an.color!==void 0)&&J.update(F,k,Rt),($n||ve.receiveShadow!==F.receiveShadow)&&(ve.receiveShadow=F.receiveShadow,qe.setValue(L,"receiveShadow",F.receiveShadow)),(U.isMeshStandardMaterial||U.isMeshLambertMaterial||U.isMeshPhongMaterial)&&U.envMap===null&&R.environment!==null&&(Tt.envMapIntensity.value=R.environmentIntensity),Tt.dfgLUT!==void 0&&(Tt.dfgLUT.value=g3()),$n){if(qe.setValue(L,"toneMappingExposure",I.toneMappingExposure),ve.needsLights&&Uh(Tt,mi),fe&&U.fog===!0&&ae.refreshFogUniforms(Tt,fe),ae.refreshMaterialUniforms(Tt,U,be,Ae,T.state.transmissionRenderTarget[x.id]),ve.needsLights&&ve.numLightProbeGrids>0){let lt=M,Mt=0;for(let En of T.state.lightProbeGridArray)En.texture!==null&&(lt.textures[Mt]=En.texture,lt.min[Mt]=En.boundingBox.min,lt.max[Mt]=En.boundingBox.max,lt.resolution[Mt]=En.resolution,Mt++);for(let En in lt)lt[En].length=Mt;Tt.probesSH.value=lt.textures,Tt.probesMin.value=lt.min,Tt.probesMax.value=lt.max,Tt.probesResolution.value=lt.resolution}ds.upload(L,zl(ve),Tt,Ne)}if(U.isShaderMaterial&&U.uniformsNeedUpdate===!0&&(ds.upload(L,zl(ve),Tt,Ne),U.uniformsNeedUpdate=!1),U.isSpriteMaterial&&qe.setValue(L,"center",F.center),qe.setValue(L,"modelViewMatrix",F.modelViewMatrix),qe.setValue(L,"normalMatrix",F.normalMatrix),qe.setValue(L,"modelMatrix",F.matrixWorld),U.uniformsGroups!==void 0){let lt=U.uniformsGroups;for(let Mt=0,En=lt.length;Mt<En;Mt++){let Gl=lt[Mt];we.update(Gl,Rt),we.bind(Gl,Rt)}}return Rt}function Uh(x,R){x.ambientLightColor.needsUpdate=R,x.lightProbe.needsUpdate=R,x.sunLights.needsUpdate=R,x.sunLightShadows.needsUpdate=R,x.directionalLights.needsUpdate=R,x.directionalLightShadows.needsUpdate=R,x.pointLights.needsUpdate=R,x.pointLightShadows.needsUpdate=R,x.spotLights.needsUpdate=R,x.spotLightShadows.needsUpdate=R,x.rectAreaLights.needsUpdate=R,x.hemisphereLights.needsUpdate=R}function Oh(x){return x.isMeshLambertMaterial||x.isMeshToonMaterial||x.isMeshPhongMaterial||x.isMeshStandardMaterial||x.isShadowMaterial||x.isShaderMaterial&&x.lights===!0}this.getActiveCubeFace=function(){return K},this.getActiveMipmapLevel=function(){return G},this.getRenderTarget=function(){return ne},this.setRenderTargetTextures=function(x,R,k){let U=Ce.get(x);U.__autoAllocateDepthBuffer=x.resolveDepthBuffer===!1,U.__autoAllocateDepthBuffer===!1&&(U.__useRenderToTexture=!1),Ce.get(x.texture).__webglTexture=R,Ce.get(x.depthTexture).__webglTexture=U.__autoAllocateDepthBuffer?void 0:k,U.__hasExternalTextures=!0},this.setRenderTargetFramebuffer=function(x,R){let k=Ce.get(x);k.__webglFramebuffer=R,k.__useDefaultFramebuffer=R===void 0},this.setRenderTarget=function(x,R=0,k=0){ne=x,K=R,G=k;let U=null,F=!1,fe=!1;if(x){let le=Ce.get(x);if(le.__useDefaultFramebuffer!==void 0){he.bindFramebuffer(L.FRAMEBUFFER,le.__webglFramebuffer),ee.copy(x.viewport),Me.copy(x.scissor),De=x.scissorTest,he.viewport(ee),he.scissor(Me),he.setScissorTest(De),W=-1;return}else if(le.__webglFramebuffer===void 0)Ne.setupRenderTarget(x);else if(le.__hasExternalTextures)Ne.rebindTextures(x,Ce.get(x.texture).__webglTexture,Ce.get(x.depthTexture).__webglTexture);else if(x.depthBuffer){let Ue=x.depthTexture;if(le.__boundDepthTexture!==Ue){if(Ue!==null&&Ce.has(Ue)&&(x.width!==Ue.image.width||x.height!==Ue.image.height))throw new Error("THREE.WebGLRenderer: Attached DepthTexture is initialized to the incorrect size.");Ne.setupDepthRenderbuffer(x)}}let ge=x.texture;(ge.isData3DTexture||ge.isDataArrayTexture||ge.isCompressedArrayTexture)&&(fe=!0);let Se=Ce.get(x).__webglFramebuffer;x.isWebGLCubeRenderTarget?(Array.isArray(Se[R])?U=Se[R][k]:U=Se[R],F=!0):x.samples>0&&Ne.useMultisampledRTT(x)===!1?U=Ce.get(x).__webglMultisampledFramebuffer:Array.isArray(Se)?U=Se[k]:U=Se,ee.copy(x.viewport),Me.copy(x.scissor),De=x.scissorTest}else ee.copy(Pe).multiplyScalar(be).floor(),Me.copy(Je).multiplyScalar(be).floor(),De=je;if(k!==0&&(U=Y),he.bindFramebuffer(L.FRAMEBUFFER,U)&&he.drawBuffers(x,U),he.viewport(ee),he.scissor(Me),he.setScissorTest(De),F){let le=Ce.get(x.texture);L.framebufferTexture2D(L.FRAMEBUFFER,L.COLOR_ATTACHMENT0,L.TEXTURE_CUBE_MAP_POSITIVE_X+R,le.__webglTexture,k)}else if(fe){let le=R;for(let ge=0;ge<x.textures.length;ge++){let Se=Ce.get(x.textures[ge]);L.framebufferTextureLayer(L.FRAMEBUFFER,L.COLOR_ATTACHMENT0+ge,Se.__webglTexture,k,le)}}else if(x!==null&&k!==0){let le=Ce.get(x.texture);L.framebufferTexture2D(L.FRAMEBUFFER,L.COLOR_ATTACHMENT0,L.TEXTURE_2D,le.__webglTexture,k)}W=-1};function Vl(x){let R=Ce.get(x);return(R.__readFormat!==x.format||R.__readType!==x.type)&&(R.__readFormat=x.format,R.__readType=x.type,R.__formatReadable=rt.textureFormatReadable(x.format),R.__typeReadable=rt.textureTypeReadable(x.type)),R}this.readRenderTargetPixels=function(x,R,k,U,F,fe,_e,le=0){if(!(x&&x.isWebGLRenderTarget)){Ie("WebGLRenderer.readRenderTargetPixels: renderTarget is not THREE.WebGLRenderTarget.");return}let ge=Ce.get(x).__webglFramebuffer;if(x.isWebGLCubeRenderTarget&&_e!==void 0&&(ge=ge[_e],Array.isArray(ge)&&(ge=ge[0])),ge){he.bindFramebuffer(L.FRAMEBUFFER,ge);try{let Se=x.textures[le],Ue=Se.format,We=Se.type;x.textures.length>1&&L.readBuffer(L.COLOR_ATTACHMENT0+le);let ye=Vl(Se);if(ye.__formatReadable===!1){Ie("WebGLRenderer.readRenderTargetPixels: renderTarget is not in RGBA or implementation defined format.");return}if(ye.__typeReadable===!1){Ie("WebGLRenderer.readRenderTargetPixels: renderTarget is not in UnsignedByteType or implementation defined type.");return}R>=0&&R<=x.width-U&&k>=0&&k<=x.height-F&&L.readPixels(R,k,U,F,se.convert(Ue),se.convert(We),fe)}finally{let Se=ne!==null?Ce.get(ne).__webglFramebuffer:null;he.bindFramebuffer(L.FRAMEBUFFER,Se)}}},this.readRenderTargetPixelsAsync=async function(x,R,k,U,F,fe,_e,le=0){if(!(x&&x.isWebGLRenderTarget))throw new Error("THREE.WebGLRenderer.readRenderTargetPixels: renderTarget is not THREE.WebGLRenderTarget.");let ge=Ce.get(x).__webglFramebuffer;if(x.isWebGLCubeRenderTarget&&_e!==void 0&&(ge=ge[_e],Array.isArray(ge)&&(ge=ge[0])),ge)if(R>=0&&R<=x.width-U&&k>=0&&k<=x.height-F){he.bindFramebuffer(L.FRAMEBUFFER,ge);let Se=x.textures[le],Ue=Se.format,We=Se.type;x.textures.length>1&&L.readBuffer(L.COLOR_ATTACHMENT0+le);let ye=Vl(Se);if(ye.__formatReadable===!1)throw new Error("THREE.WebGLRenderer.readRenderTargetPixelsAsync: renderTarget is not in RGBA or implementation defined format.");if(ye.__typeReadable===!1)throw new Error("THREE.WebGLRenderer.readRenderTargetPixelsAsync: renderTarget is not in UnsignedByteType or implementation defined type.");let Xe=L.createBuffer();L.bindBuffer(L.PIXEL_PACK_BUFFER,Xe),L.bufferData(L.PIXEL_PACK_BUFFER,fe.byteLength,L.STREAM_READ),L.readPixels(R,k,U,F,se.convert(Ue),se.convert(We),0),L.bindBuffer(L.PIXEL_PACK_BUFFER,null);let ut=ne!==null?Ce.get(ne).__webglFramebuffer:null;he.bindFramebuffer(L.FRAMEBUFFER,ut);let tt=L.fenceSync(L.SYNC_GPU_COMMANDS_COMPLETE,0);return L.flush(),await nf(L,tt,4),L.bindBuffer(L.PIXEL_PACK_BUFFER,Xe),L.getBufferSubData(L.PIXEL_PACK_BUFFER,0,fe),L.bindBuffer(L.PIXEL_PACK_BUFFER,null),L.deleteBuffer(Xe),L.deleteSync(tt),fe}else throw new Error("THREE.WebGLRenderer.readRenderTargetPixelsAsync: requested read bounds are out of range.")},this.copyFramebufferToTexture=function(x,R=null,k=0){let U=Math.pow(2,-k),F=Math.floor(x.image.width*U),fe=Math.floor(x.image.height*U),_e=R!==null?R.x:0,le=R!==null?R.y:0;Ne.setTexture2D(x,0),L.copyTexSubImage2D(L.TEXTURE_2D,k,0,0,_e,le,F,fe),he.unbindTexture()},this.copyTextureToTexture=function(x,R,k=null,U=null,F=0,fe=0){let _e,le,ge,Se,Ue,We,ye,Xe,ut,tt=x.isCompressedTexture?x.mipmaps[fe]:x.image;if(k!==null)_e=k.max.x-k.min.x,le=k.max.y-k.min.y,ge=k.isBox3?k.max.z-k.min.z:1,Se=k.min.x,Ue=k.min.y,We=k.isBox3?k.min.z:0;else{let qe=Math.pow(2,-F);_e=Math.floor(tt.width*qe),le=Math.floor(tt.height*qe),x.isDataArrayTexture?ge=tt.depth:x.isData3DTexture?ge=Math.floor(tt.depth*qe):ge=1,Se=0,Ue=0,We=0}U!==null?(ye=U.x,Xe=U.y,ut=U.z):(ye=0,Xe=0,ut=0);let Qe=se.convert(R.format),Ct=se.convert(R.type),ve;R.isData3DTexture?(Ne.setTexture3D(R,0),ve=L.TEXTURE_3D):R.isDataArrayTexture||R.isCompressedArrayTexture?(Ne.setTexture2DArray(R,0),ve=L.TEXTURE_2D_ARRAY):(Ne.setTexture2D(R,0),ve=L.TEXTURE_2D),he.activeTexture(L.TEXTURE0),he.pixelStorei(L.UNPACK_FLIP_Y_WEBGL,R.flipY),he.pixelStorei(L.UNPACK_PREMULTIPLY_ALPHA_WEBGL,R.premultiplyAlpha),he.pixelStorei(L.UNPACK_ALIGNMENT,R.unpackAlignment);let Nt=he.getParameter(L.UNPACK_ROW_LENGTH),Ye=he.getParameter(L.UNPACK_IMAGE_HEIGHT),pi=he.getParameter(L.UNPACK_SKIP_PIXELS),Rt=he.getParameter(L.UNPACK_SKIP_ROWS),ca=he.getParameter(L.UNPACK_SKIP_IMAGES);he.pixelStorei(L.UNPACK_ROW_LENGTH,tt.width),he.pixelStorei(L.UNPACK_IMAGE_HEIGHT,tt.height),he.pixelStorei(L.UNPACK_SKIP_PIXELS,Se),he.pixelStorei(L.UNPACK_SKIP_ROWS,Ue),he.pixelStorei(L.UNPACK_SKIP_IMAGES,We);let $n=x.isDataArrayTexture||x.isData3DTexture,mi=R.isDataArrayTexture||R.isData3DTexture;if(x.isDepthTexture){let qe=Ce.get(x),Tt=Ce.get(R),an=Ce.get(qe.__renderTarget),lt=Ce.get(Tt.__renderTarget);he.bindFramebuffer(L.READ_FRAMEBUFFER,an.__webglFramebuffer),he.bindFramebuffer(L.DRAW_FRAMEBUFFER,lt.__webglFramebuffer);for(let Mt=0;Mt<ge;Mt++)$n&&(L.framebufferTextureLayer(L.READ_FRAMEBUFFER,L.COLOR_ATTACHMENT0,Ce.get(x).__webglTexture,F,We+Mt),L.framebufferTextureLayer(L.DRAW_FRAMEBUFFER,L.COLOR_ATTACHMENT0,Ce.get(R).__webglTexture,fe,ut+Mt)),L.blitFramebuffer(Se,Ue,Se+_e,Ue+le,ye,Xe,ye+_e,Xe+le,L.DEPTH_BUFFER_BIT,L.NEAREST);he.bindFramebuffer(L.READ_FRAMEBUFFER,null),he.bindFramebuffer(L.DRAW_FRAMEBUFFER,null)}else if(F!==0||x.isRenderTargetTexture||Ce.has(x)){let qe=Ce.get(x),Tt=Ce.get(R);he.bindFramebuffer(L.READ_FRAMEBUFFER,P),he.bindFramebuffer(L.DRAW_FRAMEBUFFER,X);for(let an=0;an<ge;an++)$n?L.framebufferTextureLayer(L.READ_FRAMEBUFFER,L.COLOR_ATTACHMENT0,qe.__webglTexture,F,We+an):L.framebufferTexture2D(L.READ_FRAMEBUFFER,L.COLOR_ATTACHMENT0,L.TEXTURE_2D,qe.__webglTexture,F),mi?L.framebufferTextureLayer(L.DRAW_FRAMEBUFFER,L.COLOR_ATTACHMENT0,Tt.__webglTexture,fe,ut+an):L.framebufferTexture2D(L.DRAW_FRAMEBUFFER,L.COLOR_ATTACHMENT0,L.TEXTURE_2D,Tt.__webglTexture,fe),F!==0?L.blitFramebuffer(Se,Ue,Se+_e,Ue+le,ye,Xe,ye+_e,Xe+le,L.COLOR_BUFFER_BIT,L.NEAREST):mi?L.copyTexSubImage3D(ve,fe,ye,Xe,ut+an,Se,Ue,_e,le):L.copyTexSubImage2D(ve,fe,ye,Xe,Se,Ue,_e,le);he.bindFramebuffer(L.READ_FRAMEBUFFER,null),he.bindFramebuffer(L.DRAW_FRAMEBUFFER,null)}else mi?x.isDataTexture||x.isData3DTexture?L.texSubImage3D(ve,fe,ye,Xe,ut,_e,le,ge,Qe,Ct,tt.data):R.isCompressedArrayTexture?L.compressedTexSubImage3D(ve,fe,ye,Xe,ut,_e,le,ge,Qe,tt.data):L.texSubImage3D(ve,fe,ye,Xe,ut,_e,le,ge,Qe,Ct,tt):x.isDataTexture?L.texSubImage2D(L.TEXTURE_2D,fe,ye,Xe,_e,le,Qe,Ct,tt.data):x.isCompressedTexture?L.compressedTexSubImage2D(L.TEXTURE_2D,fe,ye,Xe,tt.width,tt.height,Qe,tt.data):L.texSubImage2D(L.TEXTURE_2D,fe,ye,Xe,_e,le,Qe,Ct,tt);he.pixelStorei(L.UNPACK_ROW_LENGTH,Nt),he.pixelStorei(L.UNPACK_IMAGE_HEIGHT,Ye),he.pixelStorei(L.UNPACK_SKIP_PIXELS,pi),he.pixelStorei(L.UNPACK_SKIP_ROWS,Rt),he.pixelStorei(L.UNPACK_SKIP_IMAGES,ca),fe===0&&R.generateMipmaps===!0&&R.mipmapsAutoUpdate===!0&&L.generateMipmap(ve),he.unbindTexture()},this.initRenderTarget=function(x){Ce.get(x).__webglFramebuffer===void 0&&Ne.setupRenderTarget(x)},this.initTexture=function(x){x.isCubeTexture?Ne.setTextureCube(x,0):x.isData3DTexture?Ne.setTexture3D(x,0):x.isDataArrayTexture||x.isCompressedArrayTexture?Ne.setTexture2DArray(x,0):Ne.setTexture2D(x,0),he.unbindTexture()},this.resetState=function(){K=0,G=0,ne=null,he.reset(),re.reset()},typeof __THREE_DEVTOOLS__<"u"&&__THREE_DEVTOOLS__.dispatchEvent(new CustomEvent("observe",{detail:this}))}get coordinateSystem(){return sn}get outputColorSpace(){return this._outputColorSpace}set outputColorSpace(e){this._outputColorSpace=e;let t=this.getContext();t.drawingBufferColorSpace=ke._getDrawingBufferColorSpace(e),t.unpackColorSpace=ke._getUnpackColorSpace()}};var Qc=new Map,Kc=new Map;window.cortexlens={receive(i,e){Qc.get(i)?.(e),Qc.delete(i)}};async function _3(i){let e=Uint8Array.from(atob(i.trim()),n=>n.charCodeAt(0)),t=new Blob([e]).stream().pipeThrough(new DecompressionStream("gzip"));return new Response(t).arrayBuffer()}function x3(i){return new Promise((e,t)=>{Qc.set(i,e);let n=document.createElement("script");n.src=`data/${i}.js`,n.onerror=()=>t(new Error(`The file data/${i}.js was not found next to this page. Keep the page and its data folder together.`)),n.onload=()=>n.remove(),document.head.append(n)})}function oo(i){let e=Kc.get(i);if(!e){let n=document.getElementById(i)?.textContent;e=(n?Promise.resolve(n):x3(i)).then(_3),e.catch(()=>Kc.delete(i)),Kc.set(i,e)}return e}async function qf(){let i=JSON.parse(new TextDecoder().decode(await oo("manifest")));if(i.format!==1)throw new Error(`The data have format ${i.format}, but this page reads format ${1}. Rebuild the atlas.`);return i}function y3(i){let e=i&32768?-1:1,t=i>>10&31,n=i&1023;return t===0?e*n*2**-24:t===31?n?NaN:e*(1/0):e*(1+n/1024)*2**(t-15)}var Wf;function v3(){return Wf??=Float32Array.from({length:65536},(i,e)=>y3(e)),Wf}var M3={uint8:Uint8Array,int8:Int8Array,uint16:Uint16Array,int16:Int16Array,uint32:Uint32Array,float32:Float32Array,float16:Uint16Array};function Xf(i,e){let t=M3[e.dtype],n=e.shape.reduce((r,o)=>r*o,1),s=n*t.BYTES_PER_ELEMENT;return e.offset%t.BYTES_PER_ELEMENT===0?new t(i,e.offset,n):new t(i.slice(e.offset,e.offset+s))}var el=class{constructor(e,t){this.buffer=e;this.entries=t}buffer;entries;decoded=new Map;has(e){return this.entries.some(t=>t.name===e)}shape(e){return this.entry(e).shape}raw(e){return Xf(this.buffer,this.entry(e))}values(e){let t=this.decoded.get(e);return t||(t=this.decode(this.entry(e)),this.decoded.set(e,t)),t}entry(e){let t=this.entries.find(n=>n.name===e);if(!t)throw new Error(`The data of this page do not contain the array ${e}. Rebuild the atlas.`);return t}decode(e){let t=Xf(this.buffer,e),n=new Float32Array(t.length),{scale:s=1,zero:a=0,missing:r=null}=e,o=e.dtype==="float16"?v3():null;for(let c=0;c<t.length;c++){let l=o?o[t[c]]:t[c];n[c]=t[c]===r?NaN:l*s+a}return n}},jc=new Map;function hs(i){let e=jc.get(i.file);return e||(e=oo(i.file).then(t=>new el(t,i.arrays)),e.catch(()=>jc.delete(i.file)),jc.set(i.file,e)),e}var S3=.12,co=["left","right"],ft=-1;function us(i,e,t){let n=[1/0,1/0,1/0,-1/0,-1/0,-1/0];for(let s=3*e;s<3*t;s++){let a=s%3;i[s]<n[a]&&(n[a]=i[s]),i[s]>n[a+3]&&(n[a+3]=i[s])}return n}function Yf(i,e,t,n){for(let s=3*e;s<3*t;s++)i[s]+=n[s%3]}function w3(i,e,t){let n=[us(i,0,e),us(i,e,2*e)],s=t?S3*(n[0][5]-n[0][2]||n[0][4]-n[0][1]):0;return n.forEach((a,r)=>{let o=t?r?s/2-a[0]:-s/2-a[3]:0,[c,l]=[1,2].map(d=>Math.min(n[0][d],n[1][d])+Math.max(n[0][d+3],n[1][d+3]));Yf(i,r*e,(r+1)*e,[o,-c/2,-l/2])}),[us(i,0,e),us(i,e,2*e)]}function E3(i,e){let t=new Float32Array(i.length);for(let s=0;s<e.length;s+=3){let a=3*e[s],r=3*e[s+1],o=3*e[s+2],c=i[r]-i[a],l=i[r+1]-i[a+1],d=i[r+2]-i[a+2],h=i[o]-i[a],f=i[o+1]-i[a+1],u=i[o+2]-i[a+2];for(let b=0;b<3;b++){let y=3*e[s+b];t[y]+=l*u-d*f,t[y+1]+=d*h-c*u,t[y+2]+=c*f-l*h}}let n=new Int8Array(4*i.length/3);for(let s=0,a=0;s<t.length;s+=3,a+=4){let r=Math.hypot(t[s],t[s+1],t[s+2])||1;for(let o=0;o<3;o++)n[a+o]=Math.round(127*t[s+o]/r)}return n}var il=class{constructor(e){this.arrays=e;this.n=e.shape("left_sphere")[0]}arrays;n;shapes=new Map;adjacency=null;has(e){return this.arrays.has(`left_${e}`)}shape(e){let t=this.shapes.get(e);return t||(t=this.build(e),this.shapes.set(e,t)),t}sulci(){return this.both(e=>this.arrays.values(`${e}_sulc`))}neighbours(e){this.adjacency??=this.connect();let{start:t,neighbour:n}=this.adjacency;return n.subarray(t[e],t[e+1])}nearest(e,t){if(e===this)return t;let n=t>=e.n?1:0,s=`${co[n]}_sphere`,[a,r]=[e.arrays.values(s),this.arrays.values(s)],o=3*(t-n*e.n),[c,l]=[0,1/0];for(let d=0;d<r.length;d+=3){let h=(r[d]-a[o])**2+(r[d+1]-a[o+1])**2+(r[d+2]-a[o+2])**2;h<l&&([c,l]=[d/3,h])}return n*this.n+c}both(e){let t=co.map(e),n=new Float32Array(t[0].length+t[1].length);return n.set(t[0]),n.set(t[1],t[0].length),n}faces(e){let[t,n]=co.map(a=>{let r=this.arrays.has(`${a}_${e}`)?`${a}_${e}`:`${a}_faces`;return this.arrays.raw(r)}),s=new Uint32Array(t.length+n.length);s.set(t);for(let a=0;a<n.length;a++)s[t.length+a]=n[a]+this.n;return{index:s,nLeft:t.length}}build(e){let t=this.both(r=>this.arrays.values(`${r}_${e}`)),{index:n,nLeft:s}=this.faces(e==="flat"?"flat_faces":"faces"),a=w3(t,this.n,e!=="pial");return{position:new dt(t,3),normal:new dt(E3(t,n),4,!0),index:new dt(n,1),nLeft:s,boxes:a}}connect(){let{index:e}=this.faces("faces"),t=Array.from({length:2*this.n},()=>new Set);for(let a=0;a<e.length;a+=3){let r=e.subarray(a,a+3);for(let o of r)for(let c of r)o!==c&&t[o].add(c)}let n=new Uint32Array(2*this.n+1);t.forEach((a,r)=>n[r+1]=n[r]+a.size);let s=new Uint32Array(n[2*this.n]);return t.forEach((a,r)=>s.set([...a],n[r])),{start:n,neighbour:s}}},sl=class{constructor(e,t,n){this.subject=e;this.arrays=t;this.mesh=n;let s=e.n_vertices;this.vertexOf=new Int32Array(s),this.rowOf=new Int32Array(n?2*n.n:s).fill(ft);let a=n?t.raw("vertex_index"):null,r=n?t.raw("hemisphere"):null;for(let o=0;o<s;o++){let c=n?a[o]+r[o]*n.n:o;this.vertexOf[o]=c,this.rowOf[c]=o}this.points=n?null:this.layOut()}subject;arrays;mesh;rowOf;vertexOf;points;get kind(){return this.mesh?"mesh":this.arrays.has("coordinates")?"points":"strip"}surface(e){return this.kind!=="mesh"?this.kind==="points"?"inflated":"flat":this.mesh.has(e)?e:"inflated"}shape(e){return this.points??this.mesh.shape(this.surface(e))}regionsOf(e){let{rois:t}=this.subject;if(!t.length)return[];let n=this.arrays.raw("roi");return t.filter((s,a)=>n[e*t.length+a])}rowsIn(e){let{rois:t,n_vertices:n}=this.subject,s=t.indexOf(e);if(s<0)return[];let a=this.arrays.raw("roi");return Array.from({length:n},(o,c)=>c).filter(o=>a[o*t.length+s])}sideOf(e){return this.arrays.has("hemisphere")?co[this.arrays.raw("hemisphere")[e]]??"":""}layOut(){let e=this.subject.n_vertices,t=new Float32Array(3*e);if(this.arrays.has("coordinates")){t=this.arrays.values("coordinates").slice();let s=us(t,0,e);Yf(t,0,e,[0,1,2].map(a=>-(s[a]+s[a+3])/2))}else{let s=Math.ceil(Math.sqrt(1.6*e)),a=Math.ceil(e/s);for(let r=0;r<e;r++)t[3*r]=r%s-(s-1)/2,t[3*r+1]=(a-1)/2-Math.floor(r/s)}let n=us(t,0,e);return{position:new dt(t,3),normal:null,index:null,nLeft:0,boxes:[n,n]}}},tl=new Map,nl=new Map;async function T3(i,e){let t=e.space?i.meshes[e.space]:void 0;t&&!tl.has(t.file)&&tl.set(t.file,hs(t).then(a=>new il(a)));let[n,s]=await Promise.all([hs(e),t?tl.get(t.file):null]);return new sl(e,n,s)}function al(i,e){let t=nl.get(e.id);return t||(t=T3(i,e),t.catch(()=>nl.delete(e.id)),nl.set(e.id,t)),t}var lo={layer:{width:129,height:33,rgb:"00072600072700062800062800062900062a00052b00052c00052d02042d03042e05042f07042f0904300c03310e03311003321303311503311804301b04301e042f20032e23032e26022d27032d28032c29032b2a032b2b032a2d03292e03292f02282f032830032731032731032632032533032534032434032435032335032336032236032237032138032138032039031f39041f39041e39051e3a061d3a061d3a071c3a081c3a081b3a0a1a3a0b1a3a0c1a3a0d193a0e193a0f183a10183a10173a11173a12173a13163a13163a14163a15163a15153a16153a17153a17153a18153a19143a19143a1a143a1b143a1b143a1c143a1c143a1d143a1e143a1e143a1f143a1f143a20143a21143a21143a22143a22143a23143a23143a24143a25143a25143a26143a27143a27153a28153a28153a29153a2a153a2a153a2b153a2c153a2c153a2d153a2e153a2e153a2f163a2f153a30153a30153a31143a31143a31143a32133a32133a33123a33113a33103a340f3a340e3a340d3a350c3a350b00082a00082b00082c00072c00072d00072e00062f0006300005310205320405320605330805340b04350d04351004361203371504361804351b04351e04342104342404332704322a03322b03312c03302d03302e032f30032e31032d32032d33032c34032b35032b35032a36032a3703293803293803283903273a03273a03263b03263b03253c04253d04243d04233e04233e04223e05223f06213f07203f08203f081f3f091f400a1e400b1d400c1d400e1c400f1c40101b40111b40121a40131a40131a4014194015194016194017183f17183f18183f19183f19173f1a173f1b173f1b173f1c173f1d173f1e173f1e163f1f163f2016402016402116402116402216402316402316402416402516402516402616402616402716402816402816402917402a17402a17402b17402c17402c17402d18402e18402e18402f1840301840311840311840321840331840331840341840341740351740351740361640361640371640371540371440381340381240381140391040390f403a0e403a0d000a2e00092f0009300009300008310008320007330007340006350206360406370706380a05380d05390f053a12043b14043b17043b1b053a1e05392105392405382705372a04372e03362f043530043431043433043334043235043236043138033039042f39042f3a042e3b042e3c042d3c042c3d042c3e042b3f042b3f042a400429410429410428420427430427430426430526440625440724440824440923450a22450b22450c21450d20450e20450f1f45111f45121e45131e45141d45151d45161c45171c45171c45181b45191b451a1b451b1a451b1a451c1a451d1a451e1a451e1a451f19452019452119452119452219452319452319452419452519452519452619452719452719452819452919452919452a19452b19452b19452c19452d19452e19452e19452f1a45301a45301a45311a45321a45331a45331b45341b45351b45361b45361b45371b45381b45381a45391a45391a453a19453a19453b18453b18453c18453c17453d16453d15453d13453e12453e11453e10453f0e000b31000b33000a34000a3500093600093700083800083900073a02073b05073b08073c0b063d0e063e11063f14053f1704401a05401d053f21063e24063d27063d2b053c2e053b31043a33043a3404393604383704373804373a04363b04353c04343d04333e04333f043240043240043141043042043043042f44042e44052e45052d46052c46052c47052b48052a49052a4906294907284908284909274a0a264a0b254a0c254a0d244a0f234b10234b11224b13224b14214b15214a16204a171f4a181f4a191f4a1a1e4a1b1e4a1c1e4a1c1d4a1d1d4a1e1d4a1f1d4a201c4a201c4a211c4a221c4a231c4a241c4a241b4a251b4a261b4a271b4a271b4a281b4a291b4a2a1b4a2a1b4b2b1b4b2c1b4b2c1b4b2d1b4b2e1b4b2e1b4b2f1b4a301b4b311c4b311c4b321c4b331c4b341c4b351d4b351d4a361d4b371d4b381d4b381d4b391d4b3a1d4b3b1d4b3c1d4a3c1d4a3d1d4b3d1d4b3e1c4b3e1c4b3f1b4b401b4a401b4a411a4a41194a41184a42174a42164a43144a43134a44124a4410000d35000c37000c38000b39000b3a000a3b000a3c00093d00083e03083f0608400a08410d07421007431306431606441905451c06442006442407432707422b07412e064132064035053f37053e38053d3a053c3b053c3d053b3e053a3f05394105384205384305374405364405354505354605344705334805334905324905314a05314b05304c062f4c062e4d062e4e062d4e072c4e082c4f0a2b4f0b2a4f0c294f0d29500e28500f27501127501226501325501525501624501724501823501922501a22501b22501c21501d21501e21501f2050202050211f50221f50231f50231f50241f50251f50261e50271e50271e50281e50291e502a1e502b1e502b1e502c1e502d1e502e1e502e1e502f1e50301e50311e50311e50321e50331e50341e50351e50351e50361f50371f50381f50391f503a20503a20503b20503c20503d20503e20503e20503f2050402050412050422050421f50431f50431e50441e50441e50451d50461d50461c50461a504719504718504817504815504914504912000e39000e3b000e3c000d3d000c3e000c3f000b40000a42000a430309440709450b09450f08461208471507481807491b064a1f07492307492708482a08472e08463207453606443905433b06433c06423e06413f064041063f43063e44063d46053c47053c47063b48063a4906394a06394b06384c06374d06364e06364f06354f0634500634510633520732530731530731540830540a2f540b2e540c2d550d2d550f2c55102b56112a56122a561429561528561728561827561926561b26561c25561d25551e24551f24552024552123552223552323552422552422552522552622552721552821552921552a21552b21552b21552c21552d21552e20552f20553020563020563120563220563320563420563420563520563621563721563821563821563921563a21563b22563c22563d22563e22563f22563f23564023564123564223564323564423564523564623564622564722564722564821564921564920564a20564a1f564b1e564b1d564c1b564c1a564d19564d17564e16564e1400103d00103f000f40000f41000e42000d44000d45000c46000b47040b48080a490c0a4a100a4b14094c17084d1a084e1d074f21084e25084d29094d2d094c31094b35084a3907493d06483f06474107464207454407444507434707434906424a06414b06404c063f4d063e4e063e4f073d50073c51063b52063a53073a540739550738550737560736570736580835590834590933590b325a0c325a0e315a0f305b102f5b112e5b122d5b142d5b162c5b172b5b192b5b1a2a5b1c295b1d295b1e285b1f285b20275b21275b22265b23265b24265b25255b26255b27255b28245b29245b2a245b2b245b2c245b2d235b2e235b2f235b30235b30235b31235b32235b33235b34235b35235b36235b37235b37235b38235b39235b3a235b3b235b3c235b3c245b3d245b3e245b3f245b40245b41255b42255b43255b44255b45255b46255b47255b48255b49265b49265b4a265b4b255b4c255b4c245b4d245b4e235b4e235b4f225b4f225b50205b501f5b511e5b511c5b521b5b52195b53185b5316001242001143001144001045000f47000f48000e49000d4b000c4c040c4d090c4e0e0b4f120b50160a511909521d09532008542409532809522c0a51310a51350a5039094f3d084e42074d43074c45074b47084a4808494a08484c07474d07464f074550074451074352074253074254074155074056073f57073e58083d59083d5a083c5b083b5c083a5d08395e09395e09385f0b375f0c365f0e35600f3460113360123261133261143161163061182f61192f611b2e611c2d611e2c611f2c61212b61222a61232a61242a612529612629612728612828602928602a27602b27602c27612d27602e27602f26603026603126613226613326613426613526613626613726613826613826613926613a26613b26613c26613d26613e26613f26613f26614026614126614227614327614427614527614628614728614828614928614a28614b28614c28614d28614e28614f2861502861502761512761522661532661532561542561552461552361562261562061571f61571d61581b61581a61591800134600134700124800124a00114b00104c000f4e000f4f000e51050d520a0d530f0d54140c55170c561b0b571f0a58220959270a582b0b57300b56340b55380b543d0a5341095246085147085049084f4b084e4d094d4f094c50084b52084a5408495508485608475708475808465908455a08445c08435d08425e08415e09415f094060093f61093e620a3d630a3c640a3b640c3a650e3a650f39651138661237661336661535671634671833671a32671b32671d31671f3067202f67222f67232e67242d67252d66272d66282c66292c662a2b662b2b662c2a662d2a662e2a662f2a66302a663129663229663329663429663529663629663728663828673928673a28673b28673c28673d28673e28673f2867402867412867422967432967442967452967462967472967482a67492a674a2a674b2b674c2b674d2b674e2b674f2b67502b67512b67522b67532b67542b67552b67552a67562a675729675829675828675927675a27675a26675b24675b23675c21675c1f675d1e675d1c675e1a00154a00144b00144d00134e001250001251001152001054000f55050f560b0f57110e59150d5a190d5b1d0c5c210b5d250a5e290b5d2e0c5c330c5b370c5a3c0c59410c58450a574a09564c09554e09544f0a53510a52530a5155095057094f59094d5a094d5b094c5c094b5d094a5f0949600948610947620946630a45640a44650a44660a43670b42680b41690b406a0b3f6a0d3e6a0f3d6b113c6b123b6b143a6c15396c16386c18376c1a366c1c366c1d356c1f346c21336c22326c24326c25316c27306c28306c29306c2a2f6c2c2f6c2d2e6c2e2e6c2f2d6c302d6c312d6c322d6c332c6c342c6c362c6c372c6c382b6c392b6c3a2b6c3b2b6c3c2b6c3d2b6c3e2b6c3f2b6c402b6c412b6c422b6c432b6c442b6c452b6c462b6c472b6c482b6c492c6c4a2c6c4b2c6c4c2c6c4d2d6c4e2d6c4f2d6c502e6c512e6c522e6c532e6c552e6c562e6c572e6c582e6c592e6c5a2e6c5a2d6c5b2c6c5c2c6c5d2b6c5d2b6c5e2a6c5f2a6c5f286c60276c61256c61236c62226c62206c631e6c631c00174e00165000155100155300145400135500125700115800115a06105b0d105c120f5e170f5f1b0e601f0d61230c62270b642c0c63310d61360e603b0e5f3f0e5e440d5d490c5c4e0a5b500a5a520b59540b58560b56580b555a0b545c0a535e0a525f0a51600a50610a4f630a4e640a4d650a4c660a4b670a4a680b49690b486a0b476b0c466c0c466d0c456e0c446f0c43700e4270104171124071143f71153e72173d72183c721a3a721c3a721e39722038722137722336722536722635722834722933722b33722c32722d32722e3272303172313172323072333072343072352f72372f72382f72392f723a2e723b2e723c2e723d2e723e2e723f2e72402e72412e72432e72442e72452e72462e72472e72482e72492e724a2e724b2e724c2e724d2e724e2f724f2f72502f725130725230725430725530725631725731725831725931725a31725c31725d31725e31725f30725f3072602f72612f72622e72622d72632d72642c72652b72652972662772662672672472682272682072691e00185200185400175500165700165900155a00145c00135d00125f0712600e11611411621910641d0f65210e66250d67290c692f0d68340e67390f663e0f64430f63480e624d0d61520b60540b5f560c5d580c5c5a0c5b5d0c5a5f0c59610b58630b56640b55650b54660b53680c52690c516a0c506b0c4f6d0b4e6e0c4d6f0c4c700c4b710d4a720d49730d48740d47750d46761045761244761443771542771741771940781a3f781b3e781e3d78203c78223b78233a78253a782739782938782a37782c36782d36782e35783035783134783234783433783533783633783732783832783a32783b32783c31783d31783e31783f31784131784231784331784431784531784630784730784830784930784b31784c31784d31784e31784f31785031785131785231785332785532785632785733785833785933785a33785c33785d34785e34785f3478603478623478633478643378643378653278663178673178683078683078692f786a2d786b2c786b2a786c28786c26786d24786e22786e20001a5700195800195a00185b00175d00165f0015600014620013640813650f13661512681a11691f116a24106b280f6d2c0d6e310f6d37106c3c106b41106a4710684c0f67510e66570c65590c635b0d625d0d615f0d60610d5f630d5d660c5c680c5b690c5a6a0c596c0d586d0d576e0d56700d55710d53720d52730d51740d50750e4f770e4e780e4d790e4c7a0f4b7b0f4a7b11497c13487c15477d17467d19457d1a447e1c427e1d417e20407e223f7e243f7e263e7e283d7e293c7e2b3b7e2d3a7e2e397e30397e31387e33387e34377e35377e37367e38367e39367e3a357e3c357e3d357e3e347e3f347e41347e42347e43347e44347e45337e46337e48337e49337e4a337e4b337e4c337e4d337e4e337e50337e51337e52347e53347e54347e55347e56347e58357e59357e5a357e5b367e5d367e5e367e5f367e60367e62367e63377e64377e65377e67377e68377e69367e69367e6a357e6b347e6c347e6d337e6e327e6f327e6f307e702e7e712c7e712b7e72297e72267e73247e7422001c5b001b5d001a5e001a6000196200186300176500166700156808146a10146b17146d1c136e21126f2611712a10722e0e733410723a11713f117045126f4a116d50116c550f6b5b0d6a5d0e685f0e67620e66640e65660e63680e626b0e616d0d5f6e0d5e700e5d710e5c720e5b740e5a750e59760e58780e57790e567a0e547b0f537c0f527d0f517f105080104f81104e81124d82154c82174b831849831a48831c47841e46841f45842144842443842642842841842a40842c3f842e3e842f3d84313c84323c84343b84353b84373a84383a843939843b39843c38843d38843f38844038844137844337844437844536844636844836844936844a36844b36844d36844e36844f36845036845136845236845436845536845636845736845836845937845b37845c37845d38845f3884603984613984633984643984653984663984683984693a846a3a846c3a846d3a846e39846f38846f3884703784713684723684733584743484753384753184762f84772d84772b847829847926847924001e5f001d61001c63001b65001a6600196800186a00176c00166d09166f1215701815721e14732313742812762c1177310f793711783d12764213754813744e13735412715910705f0e6f620f6d640f6c660f6b680f696b0f686d0f67700f65720e64730f63750f62760f60780f5f790f5e7a0f5d7c0f5c7d0f5b7e0f5a80105981105782105683115584115486115387115287145188164f88184e891a4d891c4c891e4b8a1f498a21488a23478a26468a28458a2a448a2c438a2e428a30418a32408a34408a353f8a373f8a383e8a3a3d8a3b3d8a3c3c8a3e3c8a3f3b8a413b8a423b8a433b8a453a8a463a8a473a8a49398a4a398a4b398a4c398a4e398a4f398a50398a52398a53398a54398a55398a56398a58398a59398a5a398a5b398a5c398a5e3a8a5f3a8a603a8a623b8a633b8a653b8a663c8a673c8a693c8a6a3c8a6b3c8a6d3c8a6e3d8a6f3d8a713d8a723d8a733c8a743b8a753b8a763a8a77398a77398a78388a79378a7a358a7b338a7b318a7c2f8a7d2d8a7e2b8a7e298a7f26001f64001f65001e67001d69001c6b001b6d001a6f0019710018720a17741317751a167720167825157a2a147b2f127d33117e39127d40137c46147a4c14795214785813765e1275640f746610726810716b106f6d116e70106d72106b75106a770f687910677a10667b10657d10647e106380106181106083105f84105e85115d87115b88125a8912598a12588c12578d12568d15548e17538e1a528f1c518f1e4f901f4e90214d90234c90254b90284a902a49902c48902f47903145903344903543903643903842903942903b41903c40903e40903f3f90413f90423e90443e90453e90473d90483d90493d904b3d904c3c904d3c904f3c90503c90513c90533c90543c90553c90573c90583c90593c905a3c905c3c905d3c905e3c905f3c90613c90623d90643d90653d90663e90683e90693e906b3f906c3f906d3f906f3f90703f90723f90734090744090764090774090783f90793e907a3e907b3d907c3c907d3b907e3b907f3a907f3890803690813490823290823090832d90842b90852800216800206a001f6c001f6e001e70001d72001c74001a750019770b197914187a1b187c21177d27167f2c15813113823612843c14824315814915804f167e55157d5c147b62137a6811796b11776d11767012747212737512717711707a116e7c116d7e116c7f116b8111698211688411678511668711648911638a12628b12618c12608e135e8f135d90135c92135b931459931658941957941b56951d54951f5396215296235097254f97274e972a4d972c4c972f4b97314a973349973548973746973946963b45963c45963e44963f43964143964242964442964541964741964841964a40964b40964d40964e3f96503f96513f96523f96543f96553f96573f96583f97593f975b3e975c3f975d3f975f3f97603f97613f97623f97643f97653f97663f976840976940976b41976c41976e41976f42977142977242977442977542977642977843977943977b43977c43977d42977e41977f4197804097813f97823e97833d97843d97853b978639978737978734978832978930978a2d978a2a00236d00226f002170002072001f74001e76001d78001c7a001b7c0c1a7e151a801d19812318832917842e16863315883813893f15884616864c178553178459178260168166147f6d127e6f127c72137b7413797713787a13767c13757f127381127283127085126f86126e88136d89136b8b136a8d13698e126790136691136592146494146295146196156098155f99155d99185c9a1a5b9a1d599b1f589b21579c23559c25549d27539d29519d2c509d2f4f9d314e9d334d9d364c9d384b9d3a4a9d3c499d3d489d3f489d41479c42479c44469c45459c47459c49449c4a449c4c449c4d439c4f439c50439c52429c53429c55429c56429c57429d59429d5a429d5c429d5d419d5f419d60419d61429d63429d64429d65429d67429d68429d69429d6b429d6c439d6e439d6f449d71449d72449d74459d75459d77459d78459d7a459d7b469d7d469d7e469d80469d81469d83459d84449d85449d86439d87429d88419d89409d8a3f9d8b3d9d8b3b9d8c399d8d379d8e349d8f329d8f2f9d902c00257100247300237500227700217900207b001f7d001d7f001c810d1c83171b851e1b86251a882b198a31188b36168d3b148f42168d49178c4f188a5618895d18876417866a158471138374138176148079147e7c147d7e147b8114798413788713768813758a13748c14728d14718f147091146e92146d94146c95146a9714699815689915679b16659c16649e16639f1661a01960a01c5fa11e5da1215ca2235aa22559a32758a32956a32b55a32e54a33153a33352a33650a3384fa33a4ea33c4da33e4ca3404ca3424ba3444aa3454aa34749a24948a24a48a24c47a24d47a24f47a25146a25246a25446a25545a25745a25845a35a45a35b45a35d45a35e45a36044a36144a36344a36444a36544a36745a36845a36a45a36b45a36c45a36e45a36f45a37146a37246a37447a37647a37747a37948a37a48a37c48a37d48a37f48a38149a38249a38449a38549a38749a38848a38947a38a47a38b46a38c45a38d44a38e43a38f42a39040a3913ea3923ca39339a39337a39434a39531a3962f00267600267800257a00247c00237e002280002082001f84001e870e1d88181d8a201c8c271b8d2d1a8f3319913817933e15944517934c19915319905a1a8e61198d68188b6f178a7614887815867b15857e158381158283158086157e89157d8c147b8e147a8f15789115779315769515749615739815719a15709b156f9d166d9e166c9f166ba11769a21768a41767a51765a61b64a61d62a72061a72260a8245ea8275da9295ba92b5aa92e58a93057a93356a93655a93854a93a53a93d51a93f50a9414fa9434fa9454ea9464da9484da94a4ca94c4ba94d4ba94f4aa9514aa9524aa95449a95649a95749a95948a95a48a95c48a95d48a95f48a96048a96247a96447a96547a96747a96847a96947a96b47a96c48a96e48a96f48a97148a97248a97448a97549a97749a9794aa97a4aa97c4aa97d4ba97f4ba9814ba9824ba9844ca9864ca9874ca9894ca98a4ca98c4ca98d4ba98e4aa98f4aa99049a99248a99347a99446a99545a99643a99741a9973ea9983ca99939a99a37a99b34a99c3100287a00277c00267e00258100248300238500228700218a001f8c0f1f8d191e8f211d91291d932f1c95351a963b199840179a4819984f1a97561b955d1b94641b926c1a9073188f7a158d7d168c80168a8316888617878917858b16838e168191158093167e95167d97167c98167a9a16799c16779e16769f1674a11673a21772a41770a5186fa7186ea8186caa196bab1969ac1c68ad1f66ad2165ae2463ae2662af2860af2b5fb02d5db0305cb0335bb0355ab03858b03b57b03d56b03f55b04253b04453b04652af4751af4951af4b50af4d4faf4f4eaf504eaf524daf544daf564daf574caf594caf5b4caf5c4baf5e4baf604baf614baf634baf644baf664ab0674ab0694ab06b4ab06c4ab06e4ab06f4ab0714bb0724bb0744bb0754bb0774bb0784bb07a4cb07c4cb07d4db07f4db0814db0824eb0844eb0864eb0874fb0894fb08b4fb08c4fb08e4fb0904fb0914fb0934eb0944db0954db0964cb0974bb0984ab09949b09b48b09b46b09c43b09d41b09e3eb09f3cb0a039b0a136b0a233002a7f00298100288300278500268800258a00248c00228f0021911020931b2095231f962a1e98311d9a371c9c3d1a9e43189f4a1a9e521b9c591c9b611c99681c98701b967719947f169282179185178f88188d8b188c8e188a9117889417869716859917839a17829c17809e177fa0177da2177ca3177aa51779a71877a81876aa1975ab1973ad1972af1a70b01a6fb21a6db21d6cb3206ab32369b42667b42866b52a64b62c62b62e61b63260b6355eb6385db63a5cb63d5bb64059b64258b64457b64656b64855b64a55b64c54b64e53b65052b55252b55451b55550b55750b55950b55b4fb55c4fb55e4fb5604eb5624eb5634eb6654eb6674eb6684eb66a4db66b4db66d4db66f4db6704db6724db6734db6754eb6764eb6784eb67a4eb67b4eb67d4eb67f4fb6804fb68250b68450b68551b68751b68951b68b52b68c52b68e52b69052b69252b69352b69552b69752b69851b69951b69a50b69b4fb69d4eb69e4db69f4cb6a04bb6a149b6a246b6a344b6a441b6a53eb6a63bb6a738b6a835012c83002b86002a8800298a00288d00268f0025910024940022961122981c219a25209c2c1f9e331ea03a1da1401ba34619a54d1ba4551da25d1ea0651e9f6c1d9d741c9b7c1a998318988618968919948c199290199193198f96198d99188b9c18899e1888a01886a21885a41983a61982a71980a9197fab187dad197cae197ab01a79b21a77b31b76b51b74b61b73b81b71b91f70b9226eba256dba276bbb2a69bb2c68bc2e66bd3064bd3463bd3762bd3a61bd3d5fbd3f5ebd425dbd455bbd475abc4959bc4b58bc4d58bc4f57bc5156bc5355bc5555bc5754bc5954bc5b53bc5c53bc5e52bc6052bc6252bc6351bc6551bc6751bc6951bc6a51bc6c51bc6e50bc6f50bc7150bd7350bd7450bd7650bd7850bd7951bd7b51bd7c51bd7e51bd8051bd8151bd8352bd8552bd8753bd8953bd8a54bd8c54bd8e55bd9055bd9155bd9355bd9555bd9755bd9955bd9a55bd9c55bd9d55bd9f54bda053bda152bda251bda350bda54fbda64ebda74bbda849bda946bdaa44bdab41bdac3ebdad3bbdad37012e88002d8a002c8d002b8f00299200289400279600259900249b12239d1d239f2622a12e21a33520a53c1ea7421da9481aab501da9581ea8601fa6681fa4701fa2781ea1801c9f88199d8b199b8e1a99911a98951a96981a949b1a929e1990a2198ea4198da5198ba71a8aa91a88ab1a86ad1a85af1a83b11a82b31a80b41b7fb61b7db81c7cb91c7abb1c79bd1d77be1d75bf2074bf2372c02671c1296fc12c6dc22e6cc2306ac33268c33667c33966c33c64c33f63c34262c34560c3475fc34a5dc34c5cc34e5cc3505bc3525ac35459c25659c25858c25a57c25c57c25e56c26056c26256c26355c26555c26754c26954c26b54c26c54c36e54c37054c37253c37353c37553c37753c37953c37a53c37c53c37e54c37f54c38154c38254c38454c38654c38855c38a55c38b56c38d56c38f57c39157c39358c39558c39758c39858c39a58c39c58c39e58c3a058c3a259c3a358c3a457c3a556c3a755c3a854c3a953c3aa52c3ac51c3ad4ec3ae4cc3af49c3b046c3b143c3b240c3b23dc3b33901308d002f8f002e92002c94002b97002a9900289c00279e0025a11325a31f24a52823a73022a93721ab3e20ad451eaf4b1cb1531eaf5b20ad6420ab6c21aa7420a87c1fa6841da48d1aa2901ba0931b9f961b9d9a1c9b9d1b99a01b97a41b95a71a93a91a91ab1b90ad1b8eaf1b8db11b8bb31b89b51b88b71b86b91b85ba1c83bc1c82be1d80c01d7ec11e7dc31e7bc51e79c52278c62576c62874c72b73c82d71c8306fc9326eca346cca386aca3b69ca3e68ca4166ca4465ca4764ca4a62ca4d61c94f60c9515fc9535ec9555dc9575dc9595cc95b5bc95d5ac95f5ac96159c96359c96559c96758c96958c96b57c96d57c96e57c97057c97257c97457c97656c97756c97956ca7b56ca7d56ca7e56ca8056ca8257ca8457ca8557ca8757ca8957ca8b57ca8c58ca8e58ca9059ca9259ca945aca965aca985bca9a5bca9c5bca9e5bca9f5bcaa15bcaa35ccaa55ccaa75ccaa85bcaaa5acaab59caac58caae57caaf56cab055cab154cab251cab34fcab54ccab649cab746cab843cab83fcab93c013291003194002f96002e99002d9c002c9e002aa10029a30027a61426a82026aa2a25ac3224ae3923b04021b2471fb44e1db6561fb55f21b36722b17022af7822ad8020ac891eaa911ba8951ca6981ca49b1da29f1da0a21d9ea61c9ca91c9aad1b98af1c96b11c95b31c93b51c91b71c90b91c8ebb1c8cbd1c8bbf1d89c11d88c21e86c41e84c61f83c81f81c91f7fcb1f7ecc237ccc267acd2a78ce2c77ce2f75cf3273cf3471d0376fd03a6ed03e6dd0416bd0446ad04768d04a67d04d65d04f64d05263d05462d05662d05861d05a60cf5d5fcf5f5ecf615dcf635dcf655dcf675ccf695ccf6b5bcf6c5bcf6e5acf705acf725acf745ad0765ad0785ad07a5ad07c59d07d59d07f59d08159d08359d0845ad0865ad0885ad08a5ad08b5ad08d5ad08f5bd0915bd0935cd0955cd0975dd0995dd09b5ed09d5ed09f5ed0a15ed0a35ed0a55fd0a75fd0a95fd0ab5fd0ad5fd0ae5ed0af5dd0b15cd0b25bd0b35ad0b559d0b658d0b757d0b854d0b951d0ba4ed0bb4cd0bc48d0be45d0bf42d0c03e01339600329900319b00309e002fa1002da3002ca6002aa90028ab1528ad2127b02b26b23425b43b24b64322b84a21ba501ebc5921bb6222b96b23b77323b57c23b38522b18d20af961cad991dab9d1ea9a01ea7a41ea5a71ea3ab1ea1af1d9fb21c9db41d9bb61d9ab81d98bb1e96bd1e94bf1e93c11e91c31d8fc51e8ec71f8cc81f8aca2089cc2087ce2085d02183d22182d22580d3287ed32b7cd42e7bd53179d53477d63675d73973d73c72d74070d7436fd7466dd7496cd74c6ad74f69d75267d75467d65766d65965d65b64d65d63d66062d66261d66461d66660d66860d66a5fd66c5fd66e5ed6705ed6725ed6745dd6765dd6785dd67a5dd67c5dd67e5dd6805dd7815cd7835cd7855cd7875cd7895dd78b5dd78c5dd78e5dd7905dd7925dd7945ed7965ed7985fd79a5fd79c60d79e60d7a061d7a261d7a461d7a662d7a862d7aa62d7ac62d7ae62d7b062d7b262d7b361d7b560d7b65fd7b85ed7b95dd7ba5cd7bc5bd7bd5ad7be57d7bf54d7c051d7c14ed7c24bd7c448d7c544d7c64001359b00349e0033a00032a30030a6002fa8002dab002cae002ab11629b32329b52d28b73627b93e25bc4524be4c22c0531fc25c22c06524be6e25bd7725bb8024b98923b79221b59b1eb29e1eb0a21faea51faca91faaad1fa8b01fa6b41ea4b81ea2ba1ea0bc1e9ebe1f9dc01f9bc31f99c51f97c71f96c91f94cb1f92cd2090cf208fd1218dd2218bd42289d62288d82286d92684d92a82da2d80db307fdb337ddc367bdd3879dd3b77dd3e76dd4274dd4573dd4971dd4c70dd4f6edd526cdd556bdd576add5a69dd5c68dd5e67dd6166dd6366dd6565dc6764dc6963dc6b63dc6e62dc7062dc7262dc7461dc7661dc7860dd7a60dd7c60dd7e60dd8060dd8260dd8460dd865fdd885fdd895fdd8b60dd8d60dd8f60dd9160dd9360dd9560dd9660dd9961dd9b61dd9d62dd9f62dda163dda363dda564dda765dda965ddab65ddad65ddaf65ddb165ddb465ddb665ddb865ddb964ddbb63ddbc62ddbd61ddbf60ddc05fddc25eddc35dddc45addc557ddc654ddc751ddc94eddca4addcb46ddcc420137a00036a20035a50034a80032ab0031ae002fb0002db3002cb6172bb8242abb2f29bd3828bf4027c14725c44f23c65621c85f23c66825c47226c27b26c08426be8d25bc9622baa01fb8a320b6a720b4ab21b2ae21afb221adb620abba20a9bd1fa7c01fa5c220a3c420a2c620a0c8209ecb209ccd209acf2098d12197d32195d52293d72291d92390db238edd238cdf238adf2788e02b86e12f84e13283e23581e3377fe33a7de43d7be44179e44478e44876e44b75e44e73e45271e45570e4586ee45a6de45d6ce45f6ce4616be3646ae36669e36868e36b67e36d67e36f66e37166e37365e37565e37764e37a64e37c63e37e63e38063e38263e48463e48663e48863e48a63e48c62e48e63e49063e49263e49463e49563e49763e49963e49b63e49d64e49f64e4a265e4a466e4a666e4a867e4aa67e4ac68e4ae68e4b068e4b368e4b568e4b768e4b969e4bb69e4bd69e4bf68e4c067e4c266e4c364e4c563e4c662e4c861e4c960e4ca5de4cb5ae4cc57e4cd54e4cf50e4d04de4d149e4d2450139a40038a70037aa0035ad0034b00032b30031b6002fb9002dbc182dbe262cc0302bc2392ac54228c74a27c95125cc5922ce6225cc6c27ca7528c87f28c68827c49126c29b24c0a420bda821bbac22b9b022b7b422b5b722b3bb22b0bf21aec320acc521aac721a8ca21a6cc21a5ce21a3d121a1d3219fd5219dd7229bd92299db2398dd2396df2494e12492e32590e5258ee6298ce62d8ae73089e83387e93685e93983ea3c81eb3f7feb437deb477beb4a7aeb4e78eb5177eb5475eb5773eb5a72eb5d71ea6070ea626fea656eea676dea696cea6c6bea6e6aea706aea7269ea7569ea7768ea7968ea7b67ea7d67ea7f66ea8266ea8466ea8666ea8866ea8a66ea8c66eb8e66eb9066eb9266eb9466eb9666eb9866eb9a66eb9c66eb9e66eba066eba267eba468eba668eba969ebab69ebad6aebaf6bebb16bebb46bebb66bebb86bebba6cebbc6cebbf6cebc16cebc36cebc46bebc66aebc769ebc968ebca66ebcc65ebcd64ebcf63ebd060ebd15debd25aebd456ebd553ebd64febd74bebd847013ba9003aac0039af0037b20036b50034b80033bb0031be002fc1192ec3272dc6322dc83b2bca442acd4c28cf5426d25b23d46526d26f28d07929ce8229cc8c29ca9627c7a025c5a921c3ad22c1b123beb523bcb923babd23b8c123b5c522b3c921b1cb22afcd22add023abd223a9d423a7d723a6d923a4dc22a2de23a0e0249ee2249ce4259ae62598e82696ea2694ec2692ec2a91ed2e8fee328def358bef3889f03b87f13e84f14182f14581f1497ff14d7ef1507cf1547af15779f15a77f15d75f16074f16373f16572f16871f16a70f16c6ff16f6ef0716df0746df1766df1786cf17a6cf17d6bf17f6bf0816af0836af1856af18869f18a69f18c69f18e69f19069f19269f19469f19669f19869f19a69f19c69f19f69f1a169f1a36af1a56af1a76af1a96bf2ab6bf2ae6cf2b06df1b26df1b46ef1b76ef1b96ff1bb6ff2bd6ff2c06ff2c26ff1c46ff1c66ff1c96ff1ca6ef1cc6df1cd6cf1cf6bf1d06af1d268f1d367f1d566f1d663f1d760f1d95cf1da59f1db55f1dc52f1dd4ef1de49013dae003cb1003ab40039b70038ba0036bd0034c00032c30030c61a30c9282fcb342ece3d2dd0462bd34f2ad55727d85e25da6827d87229d67c2ad4862bd2902acf9a29cda426cbae23c8b224c6b624c4ba24c2be25bfc224bdc624bbca24b8ce23b6d123b4d324b2d624b0d824aeda24acdd24aadf24a8e224a6e424a4e625a3e826a1ea269fec279dee279bf02799f22897f32c95f43093f53491f5378ff63a8df73d8af74088f84386f84785f84b83f84f81f85380f8567ef85a7cf85d7af86079f86378f86677f86876f86b75f86d74f87073f77272f77571f77770f77970f77c6ff77e6ff7806ef7836ef7856df7876df7896df88c6df88e6cf8906cf8926cf8946cf8976cf8996cf89b6cf89d6cf89f6cf8a16cf8a36cf8a56df8a76df8a96df8ac6df8ae6ef8b06ff8b36ff8b570f8b770f8b971f8bc72f8be72f8c072f8c372f8c572f8c772f8ca72f8cc73f8ce73f8d072f8d170f8d36ff8d56ef8d66df8d86cf8d96af8db69f8dc66f8dd63f8df5ff8e05cf8e158f8e254f8e350f8e54c013fb3003eb6003cb9003bbc0039bf0038c30036c60034c90032cc1b31ce2a31d13530d33f2ed6482dd8512bdb5929dd6126e06b29de762bdc802cda8a2cd7942cd59f2ad3a928d0b324ceb725ccbb25c9bf26c7c326c5c726c2cc25c0d025bdd424bbd624b9d925b7db25b5de25b3e025b1e325afe525ade825abea26a9ec26a7ee27a5f028a3f328a1f5289ff7299df9299bfa2d99fa3297fb3595fc3993fd3c91fd3f8efe428cff458aff4988ff4e87ff5185ff5583ff5982ff5c80ff607eff637cff667bff697aff6b79ff6e78fe7077fe7376fe7675fe7874fe7a74fe7d73fe7f73fe8272fe8472fe8671fe8971fe8b70fe8d70fe9070fe9270ff9470ff966fff996fff9b6fff9d6fff9f6fffa16fffa36fffa670ffa870ffaa70ffac70ffae70ffb071ffb371ffb572ffb873ffba73ffbc74ffbf74ffc175ffc375ffc675ffc875ffcb76ffcd76ffcf76ffd276ffd476ffd675ffd774ffd972ffdb71ffdc70ffde6fffdf6dffe16cffe269ffe465ffe562ffe65effe75bffe957ffea52ffeb4e"},"time step":{width:129,height:33,rgb:"00120500130500130500130600140600140600140600150700150700160700160800160800170800170900170900180900180a00180a00190a00190b00190b001a0c001a0c001b0c001b0d001b0d001c0e001c0e001c0e001d0f001d0f001d10001e10001e10001e11001f11001f12001f1200201300201300201400211400211400211500221500221600221600231700231700231800241800241900241900251a00251a00251b00261b00261b00261c00271c00271d00271d01281e01281e01281f01291f012920012920012a21022a21022a22022a22032b23032b23042b24052c24052c25062c25072c26082d26082d27092d270a2e280b2e280c2e290c2e290d2f290e2f2a0f2f2a10302b11302b12302c13302c14312c15312d16312d17312e18322e19322e19322f1a322f1b33301c33301d33301e33311f34312034312134322134322235322335332435332535342636342636342736352836352937352937352a37362b37362c37362d38362d38372e38372f383730383730393831393800150600150600150700160700160700170700170800170800180800180900180900190900190a001a0a001a0a001a0b001b0b001b0c001c0c001c0d001c0d001d0d001d0e001e0e001e0f001e0f001f10001f10001f1000201100201100211200211200211300221300221400221400231500231500231600241600241600251700251700251800261800261900261900271a00271a00271b00281b00281c00281c00291d00291e00291e002a1f002a1f002a20002b20012b21012b21012c22012c22012d23012d23022d24022e24022e25022e25022f26032f26042f2705302705302806302807302908312909312a0a312a0b322b0c322b0d322c0d332d0e332d0f332d10332e12342e13342f14342f1535301635301735311835311936321a36321a36321b37331c37331d37341e37341f3834203835213835223836233936243936253937263a37273a38283a38283a38293b392a3b392b3b392c3b3a2d3c3a2e3c3a2e3c3b2f3c3b303c3b313d3b323d3c323d3c333d3c343e3d353e3d363e3d001707001707001808001808001908001909001909001a09001a0a001b0a001b0b001c0b001c0b001c0c001d0c001d0d001e0d001e0d001e0e001f0e001f0f00200f00201000211000211100211100221200221200231300231300231300241400241400251500251500251600261600261700261700271800271800281900281900281a00291b00291b002a1c002a1c002a1d002b1d002b1e002b1e002c1f002c1f002d20002d21002d21002e22002e22002e23012f23012f24012f2401302501302601312602312702312702322802322802322903332a04332a04332b05342b06342c07342c08352d09352d0b352e0c362e0d362f0e362f0e37300f3731103731113832133832143833153933163934173934183a34193a351a3a351b3a361c3b361d3b371e3b371f3c38203c38213c39223c39233d39243d3a253d3a263e3b273e3b283e3c293e3c2a3f3c2b3f3d2c3f3d2d403e2e403e2f403e30403f31413f32413f3341403341403442403542403642413742413842413943423943423a4342001908001a09001a09001b09001b0a001c0a001c0b001d0b001d0b001d0c001e0c001e0d001f0d001f0d00200e00200e00200f00210f002110002210002211002311002312002412002413002413002514002514002615002615002716002716002717002817002818002918002919002a19002a1a002a1a002b1b002b1c002c1c002c1d002c1d002d1e002d1e002e1f002e20002e20002f21002f2100302200302200302300312400312400322500322500322601332701332701332801342801342902352a02352a02352b02362b03362c03372d03372d04372e05382e06382f07382f0939300a39310b39310c3a320d3a320e3b330f3b33103b34113c35123c35133c36153d36163d37173d37183e381a3e381b3e391c3f391d3f3a1e3f3a1f3f3b20403b21403c22403c23413d24413d25413e27423e28423f29423f2a433f2b43402c43402d43412e44412f44423044423145433245433345433445443546443646443746453846453947453a47463a47463b48463c48473d48473e48473f4948001c09001c0a001d0a001d0b001e0b001e0c001f0c001f0c00200d00200d00210e00210e00220f00220f002210002310002311002411002412002512002513002613002614002714002715002815002816002916002917002917002a18002a18002b19002b1a002c1a002c1b002d1b002d1c002d1c002e1d002e1e002f1e002f1f00301f00302000302000312100312200322200322300332400332400332500342500342600352700352700352800362900362901372a01372a01382b01382c02382c02392d02392e023a2e033a2f033a30033b30043b31053c31063c32073c33093d330a3d340b3e340d3e350e3e360f3f36103f37113f3812403813403914403916413a17413b18423b1a423c1b423c1c433d1d433d1e433e20443e21443f22443f2345402445402545412646422746422946422a47432b47432c47442d48442e4845304845314946324946334947344947354a48364a48374a48384b49394b493a4b493b4b4a3c4c4a3d4c4a3e4c4b3f4d4b404d4b414d4c424d4c434e4d444e4d001e0b001f0b001f0c00200c00200d00210d00210e00220e00220f00230f00230f002410002410002511002511002612002612002713002714002814002815002915002916002a16002a17002b17002b18002c18002c19002d1a002d1a002e1b002e1b002f1c002f1d00301d00301e00301e00311f00312000322000322100332100332200342300342300352400352500352500362600362600372700372800382800382900392a00392a00392b003a2c013a2c013b2d013b2e013c2e023c2f023d30023d30033d31033e32033e32033f33043f340440350540350740360841360a41370b42380d42380e42390f433a11433a12443b13443c14443c15453d16453e18463e19463f1a463f1c47401d47411f4741204842214842224843234943254944264a45274a45284a46294b462b4b472c4b472d4c482e4c48304c49314d49324d4a334d4a344e4b354e4b374e4c384f4c394f4d3a4f4d3b504d3c504e3d504e3e504f3f514f40514f41515042525044525045525146525147535148535249535200210c00210d00220d00220e00230e00240f00240f002510002510002611002611002712002712002813002813002914002914002a15002a15002b16002b17002c17002c18002d18002d19002e19002e1a002f1b00301b00301c00311c00311d00321e00321e00331f003320003420003421003421003522003523003623003624003725003725003826003827003927003928003a29003a29003b2a003b2b003c2c003c2c003d2d003d2e003e2e003e2f013e30013f30013f3102403202403302413303413403423503423504433604433704443805443806443908453a0a453a0b463b0d463c0e473c10473d11473e12483e14483f154940164941174941184a421a4a431b4b431d4b441e4b44204c45214c46224d46244d47254d47264e48284e49294e492a4f4a2b4f4a2c504b2e504c2f504c30514d32514d33514e34524e36524f37524f3853503953503b54513c54513d54523e55523f55534055534156534356544456544556554657554757554857564958564a58574b58574c59574e595800230e00240e00250f00250f002610002610002711002711002812002812002913002913002a14002b14002b15002c15002c16002d17002d17002e18002e19002f1900301a00301a00311b00311c00321c00321d00331d00331e00341f00341f003520003521003621003722003723003823003824003925003925003a26003a27003b27003b28003c29003c2a003d2a003d2b003e2c003e2c003f2d003f2e00402f00402f00413000413100423200423201433301433401443502443502453602453703463803463804473904473a04483b05483b05493c07493d09493e0b4a3e0d4a3f0e4b40104b40114c41134c42144c43154d43174d44184e45194e461a4f461c4f471e4f481f504821504922514924514a25514b26524b28524c29534d2a534d2c534e2d544f2e544f3055503155503255513456513556523757533857533957543b58543c58553d58553e5956405956415a57425a57435a58455b58465b59475b59485c5a495c5a4a5c5a4c5d5b4d5d5b4e5d5c4f5d5c505e5c515e5d525e5d00260f002710002710002811002811002912002912002a13002b13002b14002c15002c15002d16002e16002e17002f17002f1800301900301900311a00321b00321b00331c00331c00341d00341e00351e00361f003620003720003721003822003822003923003a24003a25003b25003b26003c27003c27003d28003d29003e29003e2a003f2b00402c00402c00412d00412e00422f00423000433000433100443200443300453300453400463500463601473601473702483802483902493a03493a034a3b044a3c044b3d054b3e054c3e064c3f064d40084d410a4e410c4e420e4f43104f441150451350451451461651471752481952481a52491b534a1d534b1e544b20544c21554d23554d25564e26564f28564f2957502b57512c58512d58522f5953305953315954335a55345a55365b56375b56395b573a5c583c5c583d5d593e5d59405d5a415e5a425e5b445f5c455f5c465f5d48605d49605e4a605e4b615e4d615f4e615f4f6260506260516261536361546361556362566462576463002910002911002a12002a12002b13002c13002c14002d15002d15002e16002f16002f1700301700311800311900321900321a00331b00341b00341c00351d00351d00361e00371f00371f003820003821003921003a22003a23003b23003b24003c25003d26003d26003e27003e28003f29003f2900402a00412b00412b00422c00422d00432e00432f00442f004430004531004632004633004733004734004835004836004937004937004a38004a39014b3a014c3b024c3b024d3c034d3d034e3e044e3f044f40054f400550410650420651430752440952450b52450d53460f534711544813544915554916554a18564b19564c1b574d1c574d1d584e1f584f205950225950245a51255a52275b53295b532a5b542c5c552d5c552f5d56305d57325e58335e58355f59365f5a385f5a39605b3b605b3c615c3e615d3f615d41625e42625e44635f4563604664604864614964614b65624c65634d65634f66635066645167645267655467655568665668665768675969675a69675b69685d6a68002b12002c13002c13002d14002e14002e15002f1600301600301700311700321800321900331900341a00341a00351b00351c00361c00371d00371e00381f00391f003920003a21003b21003b22003c23003c24003d24003e25003e26003f27003f2700402800412900412a00422a00432b00432c00442d00442d00452e00462f004630004731004731004832004833004934004a35004a36004b36004b37004c38004c39004d3a004e3b004e3c014f3c014f3d01503e02503f0251400352410452420453420553430554440654450655460756470856480a57490c57490f584a11584b13594c15594d165a4e185a4e1a5b4f1b5b501d5c511e5c521f5d53215d53225e54245e55265f56285f562a60572b60582d60592f615930615a32625b33625c35635c36635d38645e39645f3b655f3d65603e66604066614166624367624467634668644768644969654a69664c69664d6a674f6a67506b68526b68536b69546c69566c6a576d6a586d6b5a6d6b5b6e6c5c6e6c5e6e6d5f6f6d606f6e626f6e002e13002f14002f1500301500311600311700321700331800331800341900351a00351a00361b00371c00371c00381d00391e00391e003a1f003b20003b21003c21003d22003d23003e24003f24003f2500402600412700412700422800422900432a00442b00442b00452c00462d00462e00472f00472f004830004931004932004a33004b34004b34004c35004c36004d37004e38004e39004f3a004f3b00503b00513c00513d00523e00523f015340015441025442025543035543035644045745055746055847065848065949075a4a085a4b085b4c0b5b4d0e5c4d105c4e125d4f145d50165e51185e521a5f531b5f541d60541f615520615621625723625825635927635a29645a2a645b2c655c2e655d30665d31665e33675f3567603668603868613968623b69633d69643e6a64406a65426b66436b66456c67476c68486d684a6d694b6e6a4d6e6a4f6e6b506f6c526f6c53706d55706d56716e57716e59716f5a726f5c72705d73705e737160737161747263747264747365757367757400311500311600321600331700331800341800351900351a00361a00371b00371b00381c00391d003a1d003a1e003b1f003c20003c20003d21003e22003e23003f2300402400412500412600422700432700432800442900452a00452b00462b00472c00472d00482e00492f004930004a30004b31004b32004c33004d34004d35004e36004f36004f3700503800503900513a00523b00523c00533d00543e00543f005540005541005641005742015743015844025945025946035a47045a48045b49055c4a065c4b065d4c075d4d085e4e095f4f095f500c60510f60521161521462531662541863551a63561b64571d64581f655920655a22665b24675c25675d27685d29685e2b695f2d69602f6a61316a61326b62346b63366c64386c65396d653b6d663d6e673e6e68406f69426f6944706a45706b47716b49716c4a726d4c726d4e736e4f736f5174705374705474715675725775725976735a76735c77745d77745f7775607875627876637976657977667977687a78697a786b7b796c7b7a00331600341700351800351800361900371a00381b00381b00391c003a1d003a1d003b1e003c1f003d1f003d20003e21003f2200402200402300412400422500422600432600442700452800452900462a00472a00482b00482c00492d004a2e004a2f004b30004c30004c31004d32004e33004e34004f3500503600513700513800523800533900533a00543b00543c00553d00563e00563f005740005841005842005943005a44005a45005b46015c47015c48025d49035e4a035e4b045f4c05604d06604e06614f0761500862510963520a63530a64540d65551065561366571566581767581968591b685a1d695b1f695c216a5d226a5e246b5f266c60276c61296d622b6d632d6e642f6e64316f65336f663570673770683971693b716a3c726a3e736b40736c42746d43746e45756e47756f4976704b76714c77714e7772507873527873537974557975577a76587a765a7b775c7b785d7b785f7c79617c79627d7a647d7a657e7b677e7c687e7c6a7f7d6b7f7d6d807e6e807e70817f71817f00361800371900371900381a00391b003a1b003a1c003b1d003c1e003d1e003d1f003e20003f2100402100412200412300422400432400442500442600452700462800472900472900482a00492b004a2c004a2d004b2e004c2f004d2f004d30004e31004f32004f3300503400513500523600523700533800543900543900553a00563b00573c00573d00583e00593f005940005a41005b42005b43005c44005d45005d46005e47005f48005f4901604a01614b02614c03624d04634e05634f0564510665520765530866540967550a67560a68570b69580e6959116a5a146b5b176b5c196c5d1b6c5e1d6d5f1f6e60216e61236f62246f632670642871652a71662c72672e726730736832736934746a36756b38756c3a766d3c766e3e776e40776f417870437871457972477a73497a744b7b744c7b754e7c76507c77527d77547d78567e79577e7a597f7a5b7f7b5d807c5e807d60817d62817e63827e65827f6783806883806a83816c84816d84826f858270858372868473868475868576878500391900391a003a1b003b1c003c1c003d1d003d1e003e1f003f1f00402000402100412200422200432300442400442500452600462600472700482800482900492a004a2b004b2c004c2d004c2d004d2e004e2f004f30004f3100503200513300523400523500533600543700553800553900563900573a00583b00583c00593d005a3e005b3f005b40005c41005d42005d43005e45005f46005f4700604800614900624a00624b00634c00644d01644e02654f026650036751046752056853066954076955086a56096b580a6b590b6c5a0b6d5b0c6e5c106e5d136f5e156f5f1870601a71611d71621f72632173642373652574662774672875682a76692c766a2e776b30776c32786d35796e37796f397a703b7a713d7b723f7c73417c73437d74447d75467e76487e774a7f784c80794e807a50817a52817b54827c56827d58837e5a837e5c847f5d84805f85816185816386826586836687846887846a88856b88856d89866f8986708a87728a88748b88758b89778c89798c8a7a8c8b7c8d8b003b1b003c1c003d1d003e1d003f1e003f1f004020004120004221004322004423004423004524004625004726004827004828004928004a29004b2a004c2b004d2c004d2d004e2e004f2f00503000513100513200523200533300543400553500553600563700573800583900583a00593b005a3c005b3d005c3e005c3f005d40005e41005f42005f4300604400614600624700624800634900644a00644b00654c00664d00674e00674f006850016951026a53036a54046b55046c56056d57066d58076e59086f5a096f5b0a705d0b715e0c725f0d72601173611474621774631a75641c76651e766621776723786925786a27796b297a6c2a7a6d2c7b6e2e7b6f307c70337d71357d72377e73397e743c7f753e807640807742817844817946827948837a4a837b4c847c4d847d50857e52867f5486805687805887815a88825c88835e8984608a85628a85638b86658b87678c88698c896b8d896d8d8a6e8e8a708e8b728f8c748f8c75908d77908d79918e7a918f7c918f7e92907f9290819391003e1d003f1d00401e00411f004220004221004321004422004523004624004725004725004826004927004a28004b29004c2a004d2b004d2b004e2c004f2d00502e00512f005230005331005332005433005534005635005736005837005838005939005a3a005b3b005c3c005c3d005d3e005e3f005f4000604100604200614300624400634500644600644800654900664a00674b00674c00684d00694e006a4f006a51006b52006c53006d54016d55026e56036f5704705905705a06715b07725c08735d09735e0a745f0b75610c76620d76630e77641278651579661879671b7a691e7b6a207b6b227c6c257d6d277d6e297e6f2b7f702d7f722e80733081743381753582763783773a83783c84793e847a41857b43867c45867d47877e49887f4b88804d89814f8982518a82538b83558b84578c855a8c865c8d875e8e88608e88628f89648f8a66908b68908c6a918d6c928e6e928e6f938f7193907394907594917795917895927a96937c96937e979480979581989583989685989687999700411e00421f004320004421004421004522004623004724004825004926004a26004b27004c28004c29004d2a004e2b004f2c00502d00512e00522f005330005331005431005532005633005734005835005936005a37005a38005b39005c3a005d3c005e3d005f3e005f3f00604000614100624200634300644400644500654600664700674800684a00684b00694c006a4d006b4e006c4f006c51006d52006e53006f5400705500705600715701725902735a03735b04745c05755d06765f0877600977610a78620b79630c7a650d7b660e7b670f7c68137d69177e6b1a7e6c1d7f6d1f806e22806f2481702682722982732b83742d84752f847631857733867935877a38877b3a887c3c887d3f897e418a7f438a80468b81488c824a8c834c8d844e8e85508e86528f8754908857908959918a5b918a5d928b5f938c62938d64948e66948f6895906a96916c96916e9792709793729894749895769995789a967a9a977c9b977d9b987f9c99819c99839d9a859d9b879e9b889e9c8a9f9c8c9f9d004420004521004621004622004723004824004925004a26004b27004c27004d28004e29004f2a00502b00512c00512d00522e00532f005430005531005632005733005834005935005a36005b37005b38005c39005d3a005e3b005f3c00603d00613e00623f006240006341006443006544006645006746006847006948006949006a4a006b4c006c4d006d4e006d4f006e50006f5100705300715400725500725600735700745900755a00765b01765c02775e03785f057960067a61077b63087b640a7c650b7d660c7e680d7f690e7f6a0f806b11816d14826e18826f1b83701e84712185732385742686752887762a88772d88792f897a318a7b338a7c358b7d378c7e3a8c7f3d8d813f8e82428f83448f844690854991864b91874d92884f938951938a54948b56958c58958d5a968e5d968f5f9790619891639892669993689a936a9a946c9b956e9b96709c97739d98759d99779e9a799e9a7b9f9b7d9f9c7fa09c80a19d82a19e84a29f86a29f88a3a08aa3a18ca4a18ea4a290a5a391a5a3004721004822004823004924004a25004b26004c27004d27004e28004f2900502a00512b00522c00532d00542e00552f005630005731005832005833005934005a35005b36005c37005d38005e39005f3a00603b00613c00623d00633f006440006541006542006643006744006845006946006a48006b49006c4a006d4b006e4c006e4d006f4f00705000715100725200735400735500745600755700765900775a00785b00795c00795d007a5f017b60037c61047d63057e64067e65087f660980680a81690c826a0d836c0e836d0f846e11856f1286711587721987731c8874208976228a77258a78288b792a8c7b2c8d7c2f8d7d318e7e338f803590813790823a91833c92843f938542938744948847958949958a4c968b4e978c50978d53988e55998f579990599a915b9b925e9b93609c94639d95659d96679e976a9f986c9f996ea09a70a19b73a19c75a29d77a39e79a39f7ba4a07da4a07fa5a181a5a283a6a285a7a387a7a489a8a48ba8a58da9a68fa9a791aaa793aaa895aba997aba9004923004a24004b25004c26004d27004e27004f2800502900512a00522b00532c00542d00552e00562f005730005831005932005a33005b34005c35005d36005e37005f3800603900613a00623c00633d00643e00653f006640006741006842006843006945006a46006b47006c48006d49006e4b006f4c00704d00714e00724f007350007352007453007554007656007757007858007959007a5b007a5c007b5d007c5f007d60007e61007f6201806403816504816605826807836908846a0a856c0b866d0d876e0e87700f8871108972128a74138b75178c761a8d781e8d79218e7a248f7b27907d29907e2c917f2e92813193823393833594843795863996873c96883f978942988a44998c47998d4a9a8e4c9b8f4f9c90519c91539d92569e93589e955a9f965da0975fa19862a19964a29a66a39b69a39c6ba49d6ea59e70a59f72a6a075a7a177a7a279a8a37ba9a47ea9a580aaa582aaa684aba786aca888aca88aada98cadaa8eaeaa91aeab93afac95afad97b0ad99b1ae9bb1af9db2b0004c24004d25004e26004f2700502800512900522a00532b00542c00552d00562e00572f005830005931005a32005b33005c34005d35005e36005f3700603800613a00623b00633c00643d00653e00663f006740006941006942006a44006b45006c46006d47006e49006f4a00704b00714c00724d00734f007450007551007652007754007855007956007958007a59007b5a007c5b007d5d007e5e007f5f00806100816200826300826500836602846703856904866a06876c07886d09896e0b8a700c8b710d8b720f8c74108d75118e77138f7814907918917b1c927c1f927d23937f2694802995812b96832e9684309785339887359988379a893a9a8b3c9b8c3f9c8d429d8e449d8f479e914a9f924da0934fa09452a19554a29657a39859a3995ba49a5ea59b60a69c63a69d65a79e68a89f6aa8a06da9a16faaa272aaa374aba477aca579aca67bada77eaea880afa982afaa85b0ab87b0ac89b1ad8bb2ae8db2ae8fb3af91b3b094b4b196b5b198b5b29ab6b39cb6b49eb7b4a0b7b5a2b8b6004f2600502700512800522900532a00542b00552c00562d00572e00592f005a30005b31005c32005d33005e34005f3500603600613700623800633900643b00653c00663d00673e00683f006940006a42006b43006c44006d45006e46006f4800704900714a00724b00734d00744e00754f007650007752007853007954007a55007b57007c58007d59007e5b007f5c00805d00815f00826000826200836300846400856600866700876800886a02896b038a6d058b6e068c6f088d710a8e720b8f740d8f750e907710917811927912937b14947c15957e19967f1d97802198822498832799842a9a862d9b87309c89329c8a359d8b379e8d3a9f8e3ca08f3ea19141a19244a29347a3944aa4964da4974fa59852a69955a79a57a79c5aa89d5ca99e5faa9f61aba064aba266aca369ada46cada56eaea671afa773b0a876b0a978b1aa7bb2ab7db2ac80b3ad82b4ae84b5af87b5b089b6b18bb7b28eb7b390b8b492b8b494b9b597bab699bab79bbbb79dbbb89fbcb9a1bdbaa4bdbaa6bebba8bebc00522800532900542a00552b00562c00572d00592e005a2f005b30005c31005d32005e33005f3400603500613600623700633800643900653b00663c00683d00693e006a3f006b40006c42006d43006e44006f4500704600714800724900734a00744c00754d00764e00774f007851007952007a53007b55007c56007d57007e58007f5a00805b00815d00825e00835f008461008562008664008765008866008968008a69008b6b008c6c008d6e028e6f038f700590720791730992750a92760c93780e94790f957b11967c12977e13987f159981169a821a9b831e9c85229d86269e88299e892c9f8a2fa08c32a18d34a28f37a39039a3923ca4933ea59441a69643a79747a8984aa89a4da99b50aa9c52ab9d55ac9e58aca05aada15daea260afa362afa565b0a667b1a76ab2a86db3a96fb3aa72b4ac75b5ad77b5ae7ab6af7cb7b07fb8b182b8b284b9b387bab489bbb58cbbb68ebcb790bdb893bdb995beba97bfba99bfbb9cc0bc9ec0bda0c1bea2c2bea5c2bfa7c3c0a9c3c1abc4c2adc5c200552900562a00572b00582c00592d005b2f005c30005d31005e32005f3300603400613500623600633700643800663900673a00683c00693d006a3e006b3f006c40006d42006e43006f4400714500724700734800744900754a00764c00774d00784e007950007a51007b52007c54007d55007e56007f5800805900825a00835c00845d00855e008660008761008863008964008a66008b67008b69008c6a008d6b008e6d008f6e0090700091710292730493740594760795770996790b977a0d987c0f997d109a7f129b80139c82149d83169e85179f861ca08820a18924a28b27a38c2ba48e2ea48f31a59134a69236a79339a8953ca9963eaa9841ab9943ab9b46ac9c49ad9d4cae9f4fafa052b0a155b0a258b1a45bb2a55eb3a660b4a863b4a966b5aa68b6ab6bb7ad6db8ae70b8af73b9b076bab179bbb27bbbb37ebcb481bdb683beb786beb889bfb98bc0ba8ec1bb90c1bc93c2bd95c3be97c3bf9ac4c09cc5c09fc5c1a1c6c2a3c7c3a5c7c4a8c8c5aac9c5acc9c6afcac7b1cac8b3cbc900582b00592c005a2d005b2e005c2f005e30005f3100603200613400623500633600643700663800673900683a00693b006a3c006b3e006c3f006e40006f4100704300714400724500734700744800764900774a00784c00794d007a4e007b50007c51007d52007e54007f5500805600815800835900845b00855c00865d00875f008860008962008a63008b65008c66008d68008e69008f6b00906c00916e00926f00937100947200957400967502977704987806997a089a7b0a9b7d0c9c7e0e9d800f9e81119f8313a08514a18615a28817a38918a48b1da58c21a68e25a78f29a8912ca99230aa9433ab9536ac9738ac983bad9a3eae9b40af9d43b09e45b1a048b2a14cb3a24fb4a452b4a555b5a658b6a85bb7a95eb8aa61b9ac64b9ad66baae69bbb06cbcb16ebdb271beb374beb577bfb67ac0b77dc1b87fc1b982c2ba85c3bb88c4bd8ac5be8dc5bf90c6c092c7c195c8c297c8c39ac9c49ccac59fcac6a1cbc7a4ccc7a6ccc8a8cdc9abcecaadcecbb0cfccb2d0ccb4d0cdb7d1ceb9d2cf005b2d005c2e005d2f005e3000603100613200623300633400643500653700673800683900693a006a3b006b3c006c3d006e3f006f4000704100714200724400734500754600764800774900784a00794c007a4d007c4e007d4f007e51007f5200805400815500825700835800855900865b00875c00885e00895f008a60008b62008c63008d65008e66008f6800906900916b00936d00946e009570009671009773009874009976009a77009b79029c7a049d7c069e7e089f7f0ba0810da1820fa28410a38612a48713a58915a68a16a78c18a98e19aa8f1eab9123ab9227ac942bad952eae9731af9835b09a38b19c3ab29d3db39f40b4a043b5a245b6a348b6a54bb7a64eb8a852b9a955baaa58bbac5bbcad5ebdae61bdb064beb167bfb26ac0b46dc1b56fc2b672c3b875c3b978c4ba7bc5bb7ec6bd81c7be84c7bf86c8c089c9c18ccac28fcbc491cbc594ccc697cdc79acec89ccfc99fcfcaa1d0cba4d1cca6d1cda9d2ceabd3cfaed3cfb0d4d0b3d5d1b5d5d2b7d6d3bad7d4bcd7d5bfd8d5005e2e005f2f006031006232006333006434006535006636006737006938006a3a006b3b006c3c006e3d006f3e00703f007141007242007443007545007646007747007849007a4a007b4b007c4d007d4e007e4f00805100815200825400835500845700855800865900885b00895c008a5e008b5f008c61008d62008e6400906500916700926800936a00946b00956d00966e009770009872009973009a75009b76009c78009e7a009f7b00a07d02a17e05a28007a38209a4830ba5850da6870fa78811a88a13a98b14aa8d16ac8f17ad9019ae921aaf941fb09524b19728b2982cb39a30b49c33b49d36b59f3ab6a03db7a23fb8a442b9a545baa748bba84abcaa4dbdab51bead54bfae58c0af5bc1b15ec1b261c2b464c3b567c4b66ac5b86dc6b970c7bb73c8bc76c8bd79c9bf7ccac07fcbc182ccc285cdc388cdc58bcec68dcfc790d0c893d1ca96d2cb99d2cc9cd3cd9ed4cea1d5cfa4d6d0a6d6d1a9d7d2abd8d3aed8d4b1d9d5b3dad6b6dad7b8dbd7bbdcd8bdddd9c0dddac2dedbc4dfdc006130006231006332006533006635006736006837006a38006b39006c3a006d3c006e3d00703e00713f007240007342007543007644007746007847007a48007b4a007c4b007d4d007f4e00804f00815100825200845300855500865600875800885900895b008b5c008c5e008d5f008e61008f6200906400926500936700946800956a00966b00976d00986f009970009b72009c74009d75009e77009f7800a07a00a17c00a27d00a37f00a58103a68205a78407a8860aa9870caa890eab8b10ac8c12ad8e14ae9015b09117b19319b2951ab3971bb49820b59a25b69b2ab79d2eb89f31b9a035baa238bba43cbca53fbda742bea844bfaa47c0ac4ac1ad4dc2af50c3b054c4b257c4b35bc5b55ec6b661c7b864c8b967c9ba6bcabc6ecbbd71ccbf73cdc076cec279cec37ccfc47fd0c683d1c786d2c889d3c98cd4cb8fd4cc92d5cd95d6ce98d7cf9bd8d19dd9d2a0d9d3a3dad4a6dbd6a9dcd7abddd7aeddd8b1ded9b3dfdab6dfdbb8e0dcbbe1ddbee2dec0e2dfc3e3e0c5e4e1c8e4e1cae5e2006432006533006634006835006936006a38006b39006d3a006e3b006f3c00713e00723f007340007441007642007744007845007947007b48007c49007d4b007f4c00804e00814f008250008452008553008655008756008957008a59008b5b008c5c008d5e008f5f00906100916200926400936500956700966800976a00986b00996d009b6f009c70009d72009e74009f7500a07700a17900a37a00a47c00a57e00a67f00a78100a88300a98403ab8605ac8808ad8a0aae8b0daf8d0fb08f11b19113b29215b49416b59618b6971ab7991bb89b1db99d22ba9e27bba02bbca22fbda333bea537bfa73ac0a83ec1aa41c2ac44c3ad47c4af4ac5b14cc6b24fc7b453c8b656c9b75acab95dcbba61ccbb64cdbd67cebe6bcfc06ed0c171d1c374d2c477d3c67ad3c77dd4c980d5ca83d6cb86d7cd8ad8ce8dd9cf90dad093dbd296dbd399dcd49cddd59fded7a2dfd8a5e0d9a8e1dbabe1dcaee2ddb0e3deb3e4dfb6e4e0b8e5e0bbe6e1bee7e2c0e7e3c3e8e4c6e9e5c8eae6cbeae7ceebe8d0ece9006733006835006a36006b37006c38006d39006f3b00703c00713d00733e007440007541007742007843007945007a46007c47007d49007e4a00804c00814d00824f008450008551008653008754008956008a57008b59008d5a008e5c008f5d00905f00926000936200946400956500976700986800996a009a6c009b6d009d6f009e70009f7200a07400a17500a37700a47900a57b00a67c00a77e00a88000aa8100ab8300ac8500ad8700ae8803af8a05b18c08b28e0bb38f0db49110b59312b69514b89716b99817ba9a19bb9c1bbc9e1cbd9f1ebfa123c0a328c1a52dc2a631c3a835c4aa39c5ab3cc6ad40c7af43c8b146c9b249cab44ccbb64fccb852cdb955cebb59cfbc5dd0be60d1bf64d2c167d3c26bd4c46ed5c571d6c774d7c877d8ca7bd9cb7ed9cd81dace84dbd087dcd18addd28eded491dfd594e0d697e1d89ae2d99ee3daa1e3dca4e4dda7e5deaae6dfade7e1b0e8e2b3e9e3b5e9e4b8eae5bbebe6beece7c0ece8c3ede9c6eeeac9efebcbefeccef0edd1f1edd3f2eed6f2ef006a35006b36006d38006e39006f3a00713b00723d00733e00753f007640007742007943007a44007b45007d47007e48007f4a00814b00824d00834e008550008651008752008954008a55008b57008d58008e5a008f5b00915d00925f009360009462009663009765009867009a68009b6a009c6b009d6d009f6f00a07000a17200a27400a47500a57700a67900a77b00a87c00aa7e00ab8000ac8200ad8300ae8500b08700b18900b28a00b38c03b48e06b69009b7920cb8930eb99510ba9713bb9915bd9b16be9d18bf9e1ac0a01cc1a21dc3a41fc4a624c5a82ac6a92ec7ab33c8ad37c9af3acab03ecbb242ccb445cdb648ceb74bcfb94ed1bb51d2bd54d3be58d4c05cd5c25fd6c363d7c567d8c66ad9c86edac971dbcb74dccc78ddce7bdecf7edfd181dfd384e0d488e1d68be2d78ee3d892e4da95e5db98e6dc9ce7de9fe8dfa2e9e0a5eae2a8ebe3abebe4afece6b2ede7b5eee8b8efe9baf0eabdf1ebc0f1ecc3f2edc6f3eec9f4efcbf4f0cef5f1d1f6f2d4f7f3d7f7f4d9f8f5dcf9f6"},place:{width:65,height:65,rgb:"6ae6f66de6f470e6f372e6f275e6f078e6ef7ae6ee7de5ec80e5eb82e5ea85e5e887e5e78ae5e58ce5e48fe5e291e5e094e5df97e4dd99e4db9ce4da9ee4d8a1e4d6a4e4d4a7e4d2aae3d0ade3cdb0e3cbb3e3c8b6e2c6bae2c3bee2bfc3e1bbcbe0b4d3dfacd7dfa7dbdea4dedea0e1dd9de3dd9ae6dc97e8dc94eadc92eddb8fefdb8df1db8af2da88f4da85f6d983f8d980fad97efbd87cfdd879fed877ffd774ffd772ffd770ffd66dffd66bffd668ffd566ffd563ffd561ffd45effd45cffd4596ae4f56de4f46fe4f272e4f175e4f077e4ee7ae4ed7ce3ec7fe3ea82e3e984e3e787e3e689e3e48ce3e38ee3e191e3e093e3de96e3dc99e2db9be2d99ee2d7a1e2d5a3e2d3a6e2d1a9e1cface1cdafe1cab2e1c8b6e1c5b9e0c2bde0bfc2dfbacadeb3d2ddabd6dda7dadca3dddca0e0db9de3db9ae5db97e7da94eada91ecd98feed98cf0d98af2d887f4d885f5d882f7d780f9d77dfbd77bfcd679fed676ffd674ffd571ffd56fffd56dffd46affd468ffd365ffd363ffd360ffd25effd25bffd25969e2f46ce2f36fe2f271e2f074e2ef77e2ee79e2ec7ce2eb7fe1ea81e1e884e1e786e1e589e1e48be1e28ee1e190e1df93e1dd95e1dc98e1da9be0d89de0d6a0e0d5a3e0d3a5e0d1a8e0ceabdfccaedfcab2dfc7b5dfc4b9dec1bddebec1ddbac9ddb2d1dcabd6dba6d9dba2dcda9fdfda9ce2d999e4d996e7d893e9d891ebd88eedd78befd789f1d786f3d684f5d682f6d57ff8d57dfad57afbd478fdd476ffd473ffd371ffd36fffd36cffd26affd267ffd265ffd162ffd160ffd15dffd05bffd05869e0f46ce0f26ee0f171e0f074e0ee76e0ed79e0ec7be0ea7edfe981dfe883dfe686dfe588dfe38bdfe28ddfe090dfde92dfdd95dfdb97dfd99aded89dded69fded4a2ded2a5ded0a8deceabddcbaeddc9b1ddc7b4ddc4b8dcc1bcdcbdc1dcb9c9dbb2d1daaad5d9a6d9d9a2dcd89edfd89be1d798e4d795e6d793e8d690ead68decd58beed588f0d586f2d483f4d481f6d47ff7d37cf9d37afbd377fcd275fed273ffd270ffd16effd16cffd169ffd067ffd064ffd062ffcf5fffcf5dffcf5affce5768def36bdef26edef070deef73deee76deec78deeb7bdeea7ddde880dde783dde585dde488dde28adde18ddddf8fddde92dddc94ddda97ddd999dcd79cdcd59fdcd3a1dcd1a4dccfa7dccdaadccbaddbc8b0dbc6b4dbc3b7dbc0bbdabdc0dab9c8d9b1d0d8a9d4d7a5d8d7a1dbd69eded69be1d698e3d595e5d592e8d48fead48decd48aeed388f0d385f2d383f3d280f5d27ef7d17cf8d179fad177fcd075fdd072ffd070ffcf6dffcf6bffcf69ffce66ffce64ffce61ffcd5fffcd5cffcd5affcc5768dcf26bdcf16ddcf070dcee73dced75dcec78dcea7adbe97ddbe87fdbe682dbe584dbe387dbe289dbe08cdbdf8fdbdd91dbdb94dbda96dbd899dad69bdad49edad3a1dad1a4dacfa6dacca9dacaacd9c8b0d9c5b3d9c3b6d9c0bad8bcbfd8b8c7d7b1cfd6a9d4d5a4d7d5a1dad49dddd49ae0d497e2d394e5d392e7d28fe9d28cebd28aedd187efd185f1d182f3d080f4d07df6d07bf8cf79f9cf76fbcf74fcce72fece6fffce6dffcd6affcd68ffcc66ffcc63ffcc61ffcb5effcb5cffcb59ffca5667daf16adaf06ddaef6fdaee72daec75d9eb77d9ea7ad9e87cd9e77fd9e581d9e484d9e386d9e189d9e08bd9de8ed9dc90d9db93d9d996d9d798d8d69bd8d49dd8d2a0d8d0a3d8cea6d8cca9d8c9acd7c7afd7c5b2d7c2b6d7bfbad6bbbed6b7c7d5b0ced4a8d3d4a4d6d3a0dad39ddcd299dfd296e2d194e4d191e6d18ee8d08cead089eccf87eecf84f0cf82f2ce7ff4ce7df5ce7af7cd78f9cd76facd73fccc71fdcc6fffcc6cffcb6affcb67ffcb65ffca62ffca60ffca5dffc95bffc958ffc95667d8f16ad7ef6cd7ee6fd7ed72d7ec74d7ea77d7e979d7e87cd7e67ed7e581d7e383d7e286d7e088d7df8bd7dd8dd7dc90d7da92d7d895d7d797d6d59ad6d39dd6d19fd6cfa2d6cda5d6cba8d6c9abd5c6aed5c4b1d5c1b5d5beb9d4bbbed4b7c6d3afced2a8d2d2a3d6d19fd9d19cdcd099ded096e1cf93e3cf90e5cf8ee8ce8beace88ecce86edcd83efcd81f1cc7ff3cc7cf5cc7af6cb77f8cb75f9cb73fbca70fcca6efeca6cffc969ffc967ffc964ffc862ffc85fffc85dffc75affc758ffc75566d5f069d5ef6cd5ed6ed5ec71d5eb74d5e976d5e879d5e77bd5e57ed5e480d5e383d5e185d5e088d5de8ad5dd8dd5db8fd5d992d5d894d4d697d4d499d4d29cd4d09fd4cea2d4cca4d4caa7d4c8aad3c6add3c3b1d3c1b4d3beb8d2babdd2b6c5d1afcdd0a7d1d0a2d5cf9fd8cf9bdbce98dece95e0cd92e2cd90e5cd8de7cc8ae9cc88ebcc85edcb83efcb80f0cb7ef2ca7cf4ca79f5c977f7c974f9c972fac870fcc86dfdc86bffc769ffc766ffc764ffc661ffc65fffc65cffc55affc557ffc55466d3ef69d3ee6bd3ed6ed3eb70d3ea73d3e976d3e778d3e67bd3e57dd3e380d3e282d3e085d3df87d3dd8ad3dc8cd3da8fd3d991d2d794d2d596d2d399d2d29bd2d09ed2cea1d2cca4d2caa7d1c7aad1c5add1c3b0d1c0b4d1bdb8d0b9bcd0b5c4cfaecccea6d1cea2d4cd9ed7cd9bdacc98ddcc95dfcb92e2cb8fe4cb8ce6ca8ae8ca87eaca85ecc982eec980f0c97df1c87bf3c879f5c876f6c774f8c771f9c66ffbc66dfcc66afec568ffc566ffc563ffc461ffc45effc45cffc359ffc356ffc35465d1ee68d1ed6bd1ec6dd1eb70d1e972d1e875d1e778d1e57ad1e47dd1e27fd1e181d1e084d1de86d1dd89d1db8bd0d98ed0d890d0d693d0d495d0d398d0d19bd0cf9dd0cda0d0cba3d0c9a6cfc7a9cfc4accfc2afcfbfb3cebcb7ceb9bcceb5c4cdadcbcca6d0cca1d3cb9dd6cb9ad9ca97dcca94dec991e1c98ee3c98ce5c889e7c887e9c884ebc782edc77fefc77df0c67af2c678f4c676f5c573f7c571f9c46efac46cfcc46afdc367ffc365ffc362ffc260ffc25dffc25bffc158ffc156ffc15365cfee68cfec6acfeb6dcfea6fcfe972cfe774cfe677cfe479cfe37ccfe27ecfe081cfdf83cedd86cedc88ceda8bced98dced790ced592ced495ced297ced09acece9dcecc9fcecaa2cdc8a5cdc6a8cdc4abcdc1afcdbeb2ccbbb6ccb8bbccb4c3cbaccbcaa5cfc9a0d3c99dd6c999d9c896dbc893dec790e0c78ee2c78be4c688e6c686e8c683eac581ecc57eeec57cf0c47af1c477f3c375f5c373f6c370f8c26ef9c26bfbc269fcc167fec164ffc162ffc05fffc05dffc05affbf58ffbf55ffbf5264cced67ccec6accea6ccce96fcce871cce674cce576cce479cce27bcce17eccdf80ccde83ccdd85ccdb88ccd98accd88dccd68fccd592ccd394ccd197cccf99cccd9ccbcc9fcbc9a1cbc7a4cbc5a7cbc3aacbc0aecbbeb1cabbb5cab7bacab3c2c9accac8a4cec7a0d2c79cd5c799d8c695dac693ddc590dfc58de1c58ae3c488e6c485e8c483e9c380ebc37eedc27befc279f1c277f2c174f4c172f5c170f7c06df8c06bfac068fbbf66fdbf64febf61ffbe5fffbe5cffbe5affbd57ffbd54ffbd5264caec66caeb69cae96ccae86ecae771cae673cae476cae378cae17bcae07dcadf80cadd82cadc84cada87cad989cad78ccad58ecad491cad293cad096c9cf99c9cd9bc9cb9ec9c9a1c9c7a4c9c4a7c9c2aac9c0adc8bdb0c8bab4c8b6b9c7b2c1c7abc9c6a3cdc59fd1c59bd4c498d7c495d9c492dcc38fdec38ce1c28ae3c287e5c285e7c182e9c180eac17decc07beec078f0c076f1bf74f3bf71f5bf6ff6be6cf8be6af9be68fbbd65fcbd63fdbd60ffbc5effbc5cffbc59ffbb56ffbb54ffba5163c8eb66c8ea69c8e96bc8e76ec8e670c8e573c8e375c8e278c8e17ac8df7cc8de7fc8dc81c8db84c8d986c8d889c8d68bc8d58ec7d390c7d193c7d095c7ce98c7cc9ac7ca9dc7c8a0c7c6a3c7c4a6c7c1a9c6bfacc6bcb0c6b9b4c6b6b8c5b2c0c4aac8c4a3ccc39ed0c39bd3c297d6c294d9c191dbc18eddc18ce0c089e2c086e4c084e6bf81e8bf7feabf7cebbe7aedbe78efbe75f0bd73f2bd71f4bc6ef5bc6cf7bc69f8bb67fabb65fbbb62fdba60feba5dffba5bffb958ffb956ffb953ffb85063c5ea65c5e968c5e86ac5e66dc5e570c5e472c5e374c5e177c5e079c5de7cc5dd7ec5dc81c5da83c5d985c5d788c5d58ac5d48dc5d28fc5d092c5cf94c5cd97c5cb9ac5c99cc5c79fc5c5a2c4c3a5c4c0a8c4beabc4bbafc4b8b3c3b5b7c3b1bfc2a9c7c1a2ccc19ecfc09ad2c096d5c093d8bf90dabf8eddbf8bdfbe88e1be86e3bd83e5bd81e7bd7ee9bc7ceabc79ecbc77eebb75f0bb72f1bb70f3ba6df4ba6bf6ba69f7b966f9b964fab962fcb85ffdb85dfeb85affb758ffb755ffb752ffb65062c3e965c3e867c3e76ac3e66cc3e46fc3e371c3e274c3e076c3df79c3de7bc3dc7dc3db80c3d982c3d885c3d687c3d58ac3d38cc3d18fc3d091c3ce94c3cc96c3ca99c2c89cc2c69ec2c4a1c2c2a4c2c0a7c2bdaac2baaec1b7b2c1b4b7c1b0bec0a9c6bfa1cbbf9dcebe99d1be96d4bd93d7bd90d9bd8ddcbc8adebc87e0bc85e2bb82e4bb80e6bb7de8ba7be9ba79ebb976edb974efb971f0b86ff2b86df3b86af5b768f6b766f8b763f9b661fbb65efcb65cfeb559ffb557ffb554ffb452ffb44f62c0e864c0e767c0e669c0e56cc0e36ec0e271c1e173c1df76c1de78c1dd7ac1db7dc1da7fc1d882c0d784c0d586c0d489c0d28bc0d08ec0cf90c0cd93c0cb95c0c998c0c79bc0c59dc0c3a0c0c1a3c0bfa6bfbcaabfbaadbfb7b1bfb3b6beafbebea8c5bda0cabc9ccdbc98d0bc95d3bb92d6bb8fd8ba8cdbba89ddba87dfb984e1b982e3b97fe5b87de7b87ae9b878eab775ecb773eeb771efb66ef1b66cf2b56af4b567f5b565f7b463f8b460fab45efbb35bfdb359feb356ffb254ffb251ffb24e61bee864bee666bee569bee46bbee26ebee170bee072bede75bedd77bedc7abeda7cbed97ebed781bed683bed486bed388bed18abed08dbece8fbecc92beca95bec897bec79abec59dbdc29fbdc0a2bdbea5bdbba9bdb9acbdb6b0bcb2b5bcaebdbba7c4bba0c9ba9bccba97cfb994d2b991d5b88ed7b88bdab889dcb786deb783e0b781e2b67ee4b67ce6b67ae8b577e9b575ebb572edb470eeb46ef0b36bf1b369f3b367f4b264f6b262f7b25ff9b15dfab15afcb158fdb055feb053ffb050ffaf4e60bbe763bbe566bbe468bbe36abbe26dbbe06fbbdf72bbde74bbdc77bbdb79bbd97bbbd87ebbd680bbd582bbd385bbd287bbd08abbcf8cbbcd8fbbcb91bbc994bbc896bbc699bbc49cbbc29ebbbfa1bbbda4bbbba8bab8abbab5afbab2b4baadbcb9a6c3b89fc8b89acbb797ceb793d1b690d4b68dd6b68ad9b588dbb585ddb583dfb480e1b47ee3b47be5b379e7b376e8b274eab272ecb26fedb16defb16bf0b168f2b066f3b063f5b061f6af5ff8af5cf9af5afbae57fcae55fdae52ffad4fffad4d60b8e662b9e465b9e367b9e26ab9e16cb9df6fb9de71b9dd73b9db76b9da78b9d87ab9d77db9d57fb9d482b9d284b9d186b9cf89b9ce8bb9cc8eb9ca90b9c893b9c795b9c598b8c39bb8c19eb8bea0b8bca4b8baa7b8b7aab8b4aeb7b1b3b7adbbb6a5c2b69ec7b599cab596cdb492d0b48fd3b48cd5b38ad8b387dab284dcb282deb27fe0b17de2b17ae4b178e6b076e7b073e9b071ebaf6eecaf6ceeaf6aefae67f1ae65f2ae63f4ad60f5ad5ef7ad5bf8ac59faac56fbac54fcab51feab4fffaa4c5fb6e562b6e364b6e267b6e169b6e06bb6de6eb6dd70b6dc73b6da75b6d977b6d77ab6d67cb6d47eb6d381b6d183b6d086b6ce88b6cd8ab6cb8db6c98fb6c792b6c694b6c497b6c29ab6c09db6bda0b6bba3b5b9a6b5b6a9b5b3adb5b0b2b5acbab4a4c1b39dc6b399c9b295ccb292cfb18ed2b18cd4b189d7b086d9b083dbb081ddaf7edfaf7ce1af7ae3ae77e4ae75e6ae72e8ad70eaad6eebac6bedac69eeac67f0ab64f1ab62f3ab5ff4aa5df6aa5bf7aa58f8a956faa953fba950fda84efea84b5fb3e361b3e264b3e166b3e068b3de6bb3dd6db3dc6fb3db72b3d974b3d877b3d679b3d57bb3d37eb3d280b3d082b3cf85b3cd87b3cc89b3ca8cb3c88eb3c691b3c593b3c396b3c199b3bf9cb3bc9fb3baa2b3b8a5b3b5a8b2b2acb2afb1b2abb9b1a3c0b09cc5b098c8b094cbaf91ceaf8ed1ae8bd3ae88d5ae85d8ad83daad80dcad7edeac7be0ac79e2ac76e3ab74e5ab72e7ab6fe8aa6deaaa6aecaa68eda966efa963f0a861f2a85ff3a85cf5a75af6a757f7a755f9a652faa650fba64dfda54a5eb0e260b0e163b0e065b0df68b0dd6ab0dc6cb0db6fb0d971b0d873b0d776b0d578b0d47ab0d27db0d17fb1cf81b1ce84b1cc86b1cb88b1c98bb0c78db0c590b0c492b0c295b0c098b0be9bb0bb9db0b9a0b0b7a4b0b4a7b0b1abafaeb0afaab7afa2bfae9bc3ad97c7ad93caac90cdac8dcfac8ad2ab87d4ab84d6ab82d9aa7fdbaa7dddaa7adea978e0a975e2a973e4a871e6a86ee7a86ce9a76aeaa767eca665eea663efa660f1a55ef2a55bf3a559f5a456f6a454f8a451f9a34ffaa34cfca3495dade160ade062addf64addd67addc69addb6cadda6eadd870add772add675add477add379add17caed07eaece80aecd83aecb85aec987aec88aaec68caec48faec291adc194adbf97adbd99adba9cadb89fadb6a3adb3a6adb0aaadadaeaca9b6aca1beab9ac2aa96c6aa92c9aa8fcca98ccea989d1a986d3a883d5a881d7a87ed9a77cdba779dda677dfa674e1a672e3a570e4a56de6a56be8a469e9a466eba464eca362eea35fefa35df1a25af2a258f4a256f5a153f6a151f8a04ef9a04bfaa0495daae05faadf61aade64aadc66aadb68aada6baad86daad76faad672aad474aad376aad278aad07baacf7daacd7faacc82aaca84aac886aac789aac58baac38eaac190aabf93aabd96aabb98aab99baab79eaab4a1aab2a5aaafa9aaacada9a8b5a9a0bda899c1a895c4a791c8a78ecaa68bcda688cfa685d2a582d4a580d6a57dd8a47bdaa478dca476dea374e0a371e1a36fe3a26ce5a26ae6a168e8a165eaa163eba061eda05eeea05cef9f5af19f57f29f55f49e52f59e50f69e4df89d4af99d485ca6df5ea6dd60a6dc63a6db65a7da67a7d86aa7d76ca7d66ea7d471a7d373a7d275a7d077a7cf7aa7cd7ca7cc7ea7ca81a7c983a7c785a7c588a7c48aa7c28da7c08fa7be92a7bc94a7ba97a7b89aa7b69da7b3a0a7b1a4a7aea7a6aaaca6a6b4a69fbba598c0a494c3a490c6a48dc9a38acca387cea384d0a281d3a27fd5a27cd7a17ad9a177dba175dca072dea070e09f6ee29f6be39f69e59e67e79e64e89e62ea9d60eb9d5ded9d5bee9c59f09c56f19c54f29b51f49b4ff59a4cf69a49f89a475ba3dd5da3dc60a3db62a3da64a3d867a3d769a3d66ba3d46da3d370a3d272a3d074a4cf76a4cd79a4cc7ba4ca7da4c97fa4c782a4c684a4c487a4c289a4c18ba4bf8ea4bd90a4bb93a4b996a4b799a4b49ca4b29fa3afa2a3ada6a3a9aba3a5b2a29ebaa297bea192c2a18fc5a08cc8a088caa086cd9f83cf9f80d19f7ed39e7bd59e79d79e76d99d74db9d71dd9d6fdf9c6de09c6ae29c68e49b66e59b63e79a61e89a5fea9a5ceb995aed9958ee9955ef9853f19850f2974ef4974bf59748f696465a9fdc5c9fdb5f9fd9619fd8639fd7669fd6689fd46a9fd36ca0d26ea0d071a0cf73a0cd75a0cc77a0cb7aa0c97ca0c87ea0c681a0c483a0c385a0c188a0bf8aa0bd8da0bc8fa0ba92a0b894a0b597a0b39aa0b19da0aea1a0aba5a0a8a99fa4b19f9db89e95bd9e91c09d8ec39d8ac69d87c99c84cb9c82cd9c7fd09b7cd29b7ad49a77d69a75d89a73d99970db996edd996cdf9869e09867e29865e49762e59760e7975ee8965bea9659eb9556ec9554ee9552ef944ff1944df2944af39347f59345599bda5b9bd95e9bd8609bd6629bd5649bd4679bd3699bd16b9bd06d9ccf6f9ccd729ccc749cca769cc9789cc77b9cc67d9cc47f9cc3819cc1849cbf869cbe899cbc8b9cba8e9cb8909cb6939cb4969cb2999caf9c9cad9f9caaa39ca6a79ca2af9b9bb79a94bb9a90be9a8cc29989c49986c79883c99880cc987ece977bd09779d29776d49674d69671d8966fd9956ddb956add9568df9466e09463e29361e3935fe5935ce6925ae89258e99255eb9153ec9150ee904eef904bf09049f28f46f38f435896d85a96d75d96d65f96d56196d36396d26597d16897d06a97ce6c97cd6e97cb7097ca7297c97597c77797c67997c47b98c37e98c18098bf8298be8598bc8798ba8998b88c98b68f98b49198b29498b09798ad9a98ab9d98a8a197a5a697a1ad979ab59692b9968ebc958bc09587c29584c59482c7947fca937ccc937ace9377d09275d29272d49270d6916ed7916bd99169db9067dd9064de9062e08f60e18f5de38e5be48e59e68e56e78d54e98d51ea8c4fec8c4ded8c4aee8b47f08b45f18b425790d65990d55b90d45d91d26091d16291d06491cf6691cd6891cc6a91cb6c92c96f92c87192c67392c57592c37792c27992c07c92bf7e92bd8092bc8392ba8592b88792b68a92b48c92b28f92b09292ae9592ab9892a99b92a69f92a3a3929fab9298b29191b7908cba9089bd9086c08f83c38f80c58f7dc78e7ac98e78cc8e75ce8d73d08d71d18d6ed38c6cd58c6ad78b67d98b65da8b63dc8a60dd8a5edf8a5ce08959e28957e38855e58852e68850e8874de9874beb8648ec8646ed8643ef85405586d25786d15986d05b87ce5d87cd5f87cc6187cb6387c96587c86788c76988c56c88c46e88c37088c17288c07488be7689bd7889bb7b89b97d89b87f89b68189b48489b28689b08989ae8b89ac8e89aa9189a89489a59789a29b899f9f899ba78894ae888db28789b68785b98782bc867fbe867cc1867ac38577c58575c78572c98470cb846dcd836bcf8369d18367d38264d48262d68260d7815dd9815bdb8059dc8056de8054df7f52e17f4fe27e4de37e4be57e48e67d46e87d43e97c40ea7c3d527cce547ccd567ccc587dca5a7dc95c7dc85e7dc7607dc5627ec4647ec3667ec1687ec06a7ebf6d7fbd6f7fbc717fba737fb9757fb7777fb5797fb47b80b27e80b08080af8380ad8580ab8880a98a80a68d80a49080a293809f97809c9b8098a37f91aa7f8aae7e86b27e82b57e7fb77d7cba7d79bc7d77bf7c74c17c72c37c6fc57b6dc77b6ac97a68cb7a66cc7a63ce7961d0795fd1785dd3785ad57858d67756d87754d97651db764fdc754dde754adf7548e07445e27443e37340e5733de6723b5176cc5377ca5577c95777c85977c75b77c65d78c45f78c36178c26378c06579bf6779be6979bc6b79bb6d79b96f79b8717ab6737ab5757ab3777ab2797ab07c7aae7e7aac807aaa837ba8857ba6887ba48b7ba28e7b9f917b9d957b99997b96a07a8fa87a88ac7984af7980b2797db5787ab77877ba7775bc7772be7770c0766dc2766bc47669c67566c87564ca7462cc745fcd745dcf735bd17359d27256d47254d57152d77150d8714dda704bdb7049dd6f46de6f44df6e41e16e3fe26d3ce36d395071ca5272c85472c75672c65872c55a73c45c73c25e73c15f73c06174be6374bd6574bc6774ba6975b96b75b86d75b66f75b57175b37375b17676b07876ae7a76ac7c76ab7f76a98176a78476a58676a28976a08c769e8f769b9376989776949e768da67586aa7582ad757fb0747bb37479b57476b87373ba7371bc726ebe726cc07269c27167c47165c67063c87060c9705ecb6f5ccd6f5ace6e57d06e55d26d53d36d51d56d4ed66c4cd86c4ad96b47da6b45dc6a42dd6a40df693de0693be168384f6dc8516dc7536ec5556ec4576ec3596fc25a6fc15c6fbf5e6fbe6070bd6270bb6470ba6670b96870b76a71b66c71b46e71b37071b17271b07472ae7672ac7872ab7b72a97d72a77f72a58272a38472a187739f8a739c8d73999173969572929c728ca47285a87181ab717dae717ab17077b37074b66f72b86f6fba6f6dbc6e6abe6e68c06d66c26d64c46d61c66c5fc86c5dc96b5bcb6b58cc6a56ce6a54d06a52d1694fd3694dd4684bd66848d76746d86744da6641db663fdd653cde6539df64374e69c6506ac5526ac4546ac3566ac1586bc0596bbf5b6bbe5d6bbc5f6cbb616cba636cb8656cb7676db6696db46a6db36c6db16e6eb0716eae736ead756eab776ea9796ea77b6fa67e6fa4806fa2836f9f866f9d896f9b8c6f988f6f95936f919b6f8aa26e83a66e7fa96d7cac6d79af6d76b26c73b46c71b66c6eb96b6cbb6b69bd6a67bf6a65c06962c26960c4695ec6685cc76859c96757cb6755cc6653ce6650cf654ed1654cd2644ad46447d56345d76343d86240d9623edb613bdc6138de60364e66c54f66c45166c25366c15567c05767bf5867bd5a68bc5c68bb5e68ba6068b86269b76369b66569b46769b3696ab16b6ab06d6aae6f6aad716bab736ba9766ba8786ba67a6ba47c6ba27f6ba0816c9e846c9c876c998a6c968e6c93926c90996b89a06b82a46b7ea86a7bab6a77ae6975b06972b2696fb5686db7686ab96768bb6766bd6763bf6661c1665fc2655dc4655bc66458c76456c96354cb6352cc624fce624dcf614bd16149d26046d46044d55f42d65f3fd85e3dd95e3adb5d37dc5d354d62c34f62c25063c15263c05463bf5664bd5764bc5964bb5b65ba5d65b85f65b76165b66266b46466b36666b16866b06a67ae6c67ad6e67ab7067aa7268a87468a67768a57968a37b68a17e689f80689d83699a8669988969958c699290698e9868889f6881a3677da66779a96776ac6673af6671b1666eb3656cb56569b76467b96465bb6362bd6360bf635ec1625cc36259c46157c66155c76053c96051cb5f4ecc5f4cce5e4acf5e48d15d45d25d43d35c41d55c3ed65b3cd85a39d95a36da59344c5fc24e5fc1505fc05160be5360bd5560bc5761bb5861b95a61b85c62b75e62b66062b46163b36363b16563b06763af6964ad6b64ac6d64aa6f64a87164a77365a57565a37865a17a65a07c659e7f659b8166998466978766948b66918f668d9665869d6580a1657ca56478a86475ab6372ad6370af636db2626bb46268b66166b86164ba6161bc605fbd605dbf5f5bc15f59c35e56c45e54c65d52c85d50c95c4ecb5c4bcc5b49ce5b47cf5a44d15942d25940d3583dd5583bd65738d75735d956334b5bc14d5cbf4f5cbe515dbd525dbc545dbb565eb9575eb8595eb75b5fb65d5fb45f5fb3605fb26260b06460af6660ad6861ac6a61aa6c61a96e61a77062a67262a47462a27662a079629e7b629c7e639a8063988363958663938a63908e638c9563859c627fa0627ba36177a66174a96171ac606fae606cb05f6ab25f67b45f65b65e63b85e60ba5d5ebc5d5cbe5c5ac05c58c15b55c35b53c55a51c65a4fc8594dc9594acb5848cc5846ce5744cf5641d1563fd2553cd3553ad55437d65335d753324b58bf4c59be4e59bd5059bc525abb535ab9555bb8575bb7585bb65a5cb45c5cb35e5cb25f5db0615daf635dae655dac675eab695ea96b5ea86d5ea66f5fa4715fa3735fa1755f9f77609d7a609b7c60997f609782609485609288608f8c608b9460849b5f7d9f5f7aa25f76a55e73a85e70aa5e6ead5d6baf5d69b15c66b35c64b55b62b75b5fb95a5dbb5a5bbc5959be5957c05855c15852c35750c5574ec6564cc8564ac95547cb5545cc5443ce5340cf533ed0523cd25239d35136d55034d650314a55be4c56bd4d56bc4f56bb5157b95257b85458b75658b65858b45959b35b59b25d59b15e5aaf605aae625aac645bab665ba9685ba86a5ba66c5ca56e5ca3705ca1725ca0745d9e765d9c795d9a7b5d987e5d96815d93845e91875e8e8b5e8a925d83995d7c9d5c79a15c75a45c72a65b6fa95b6dab5a6aad5a68b05a65b25963b45961b6585fb7585cb9575abb5758bd5656be5654c05551c2554fc3544dc5534bc65349c85246c95244cb5142cc5040ce503dcf4f3bd14f38d24e36d34d33d54c304a52bd4b53bc4d53ba4e53b95054b85254b75355b65555b45755b35856b25a56b15c57af5e57ae5f57ad6158ab6358aa6558a86759a76959a56b59a46d59a26f5aa0715a9f735a9d755a9b785a997a5b977d5b957f5b92825b8f865b8c8a5b89915b82985a7b9c5a789f5a74a25971a5596ea8586caa5869ac5767ae5764b05762b25660b4565eb6555bb85559ba5457bb5355bd5353bf5251c0524ec2514cc4514ac55048c74f46c84f43ca4e41cb4e3fcc4d3cce4c3acf4c38d14b35d24a32d34930494fbc4b50ba4c50b94e51b84f51b75151b65352b55452b35653b25853b15953b05b54ae5d54ad5e55ab6055aa6255a96456a76656a66856a46a56a36c57a16e579f70579e72589c74589a7658987958967b58947e589181598e85598b89598890588197587a9b57779e5773a15770a4566ea6566ba95568ab5566ad5464af5461b1535fb3535db5525bb75258b85156ba5154bc5052bd5050bf4f4ec14f4cc24e49c44d47c54d45c74c43c84b40ca4b3ecb4a3ccd4939ce4937cf4834d14732d2462f484cba4a4db94c4db84d4eb74f4eb6504fb5524fb35450b25550b15750b05851ae5a51ad5c52ac5e52aa5f52a96153a86353a66553a56754a36954a16b54a06d549e6f559c71559b7355997555977856957a56927d569080568d84568a8856878f568096557a9a55769d5572a0546fa3546da5536aa75368aa5265ac5263ae5260b0515eb2505cb4505ab54f58b74f55b94e53bb4e51bc4d4fbe4d4dbf4c4bc14b49c34b46c44a44c54942c74940c8483dca473bcb4739cd4636ce4534cf4431d1432e484ab9494ab84b4bb74d4bb64e4bb5504cb4514cb2534db1544db0564eaf584ead594fac5b4fab5d4fa95e50a86050a66250a56451a46651a26851a06a529f6c529d6e529b70539a7253987453967753947953917c548f7f548c8254898654868d547f9453799853759c52719f526ea1516ca45169a65167a85064ab5062ad4f60af4f5db04e5bb24d59b44d57b64c55b84c53b94b50bb4b4ebd4a4cbe494ac04948c14846c34743c44741c6463fc7453dc9443aca4438cb4335cd4233ce4130cf412d4747b84947b74a48b64c48b54d49b44f49b2514ab1524ab0544baf554bad574cac594cab5a4caa5c4da85e4da75f4ea5614ea4634ea2654fa1674f9f694f9e6b509c6d509a6f50997150977351957651937851907b518e7e518b8151888552858c517e9351789750749b50719d506ea04f6ba34f68a54e66a74e63a94d61ab4d5fad4c5daf4c5ab14b58b34a56b54a54b64952b84950ba484ebb474bbd4749be4647c04545c24543c34440c4433ec6423cc7423ac94137ca4035cc3f32cd3e2fce3e2d4744b74844b64a45b54b46b44d46b34e47b15047b05148af5348ae5549ac5649ab5849aa594aa95b4aa75d4ba65e4ba4604ba3624ca1644ca0664d9e684d9d6a4d9b6c4e996e4e98704e96724e94754f92774f8f7a4f8d7d4f8a804f87844f848b4f7d924f77964e73994e709c4d6d9f4d6aa14c67a44c65a64b63a84b60aa4a5eac4a5cae495ab04957b24855b34753b54751b7464fb9464dba454bbc4449bd4346bf4344c04242c24140c3413ec5403bc63f39c83e37c93d34ca3c31cc3b2fcd3b2c4641b64842b54942b44b43b34c43b14e44b04f44af5145ae5245ad5446ab5546aa5747a95947a75a48a65c48a55e49a35f49a26149a0634a9f654a9d674b9c694b9a6b4b986d4b976f4c95714c93744c91764d8f794d8c7c4d8a7f4d87834d838a4d7d914c76954c72984b6f9b4b6c9e4b69a04a67a34a64a54962a7495fa9485dab475bad4759af4657b14655b24552b44450b6444eb7434cb9424abb4248bc4146be4044bf3f41c13f3fc23e3dc43d3bc53c38c63b36c83a33c93931ca392ecc382b463eb5473fb44940b34a40b24c41b04d41af4f42ae5042ad5243ac5343aa5544a95644a85845a65945a55b46a45d46a25f47a160479f62479e64489c66489b6849996a49976c49966e4994704a92734a90754a8e784a8b7b4b897e4b86824b82894b7c904a75944a7197496e9a496b9d48689f4866a14763a44761a6465fa8465caa455aac4458ae4456af4354b14352b34250b5414db6414bb84049b93f47bb3e45bc3e43be3d41bf3c3ec13b3cc23a3ac43938c53835c73833c83730c9362ecb352b453cb4473cb3483db24a3db14b3eaf4c3fae4e3fad4f40ac5140ab5241a95441a85542a75742a55943a45a43a35c44a15e44a05f459e61459d63469b65469a6746986947966b47956d47936f489172488f74488d77488a7a48887d498581498188487b8f487493487096476d99476a9c46689e4665a04563a34560a5445ea7435ca94359ab4257ac4255ae4153b04051b23f4fb33f4db53e4bb73d49b83d46ba3c44bb3b42bd3a40be393ec0383cc13739c33737c43635c53532c73430c8332dca312a4539b34639b2483ab1493bb04a3bae4c3cad4d3dac4f3dab503eaa523ea8533fa7553fa65640a45840a35a41a25b41a05d429f5f429d60439c62439a6444996644976844956a45946c45926e459071468e73468c7646897946877c468480468087467a8e467392457095456c9844699a44679d43649f4362a1425fa4425da6415ba84059a94057ab3f54ad3e52af3e50b13d4eb23c4cb43c4ab63b48b73a46b93944ba3842bc373fbd373dbf363bc03539c23436c33334c43232c6312fc72f2cc82e2a4436b24637b14737b04838af4a39ad4b39ac4d3aab4e3baa503ba9513ca7533ca6543da5563ea3573ea2593fa15a3f9f5c409e5e409d60409b6141996341986542966742956942936b43916d438f70438d72448b7544887844867b44837f447f8644798d447391436f94436c9742699942669c41639e4161a0405fa23f5ca43f5aa63e58a83e56aa3d54ac3c52ae3b50af3b4db13a4bb33949b43847b63745b83743b93641bb353fbc343dbe333abf3238c03136c23033c32f31c52d2ec62c2cc72b294433b14534b04735af4835ae4936ac4b37ab4c37aa4d38a94f39a85039a6523aa5533ba4553ba3563ca1583ca05a3d9e5b3d9d5d3e9c5f3e9a603f99623f976440956640946840926a41906c418e6f418c71428a7442887742857a42827e427f8542788c42728f416e93416b9640689840659b3f639d3e609f3e5ea13d5ca33d59a53c57a73b55a93b53ab3a51ad394fae384db0374bb23749b33647b53544b63442b83340b9323ebb313cbc303abe2f37bf2e35c12d33c22c30c32a2ec5292bc628284330b04531af4632ae4733ad4933ab4a34aa4b35a94d35a84e36a75037a55137a45338a35439a25639a0573a9f593a9e5a3b9c5c3b9b5e3c99603c98613d96633d94653e93673e91693e8f6c3f8d6e3f8b703f897340877640847940817d407e8440778b3f718e3f6d923f6a953e67973d649a3d629c3c609e3c5da03b5ba23a59a43a57a63954a83852aa3750ac374ead364caf354ab13448b23346b43244b53142b73040b82f3dba2e3bbb2d39bd2c37be2b35c02a32c12830c2272dc4262bc52428432daf442eae462fad4730ac4831aa4931a94b32a84c33a74e34a64f34a45035a35236a25336a155379f56379e58389d5a399b5b399a5d3a985f3a97613b95623b94643b92663c90683c8e6b3d8c6d3d8a6f3d88723e86753e83783e807c3e7d833e77893d708d3d6c913c69933c66963b64993b619b3a5f9d395c9f395aa13858a33756a53754a73652a93550aa344eac334bae3349af3247b13145b33043b42f41b62e3fb72d3db92b3bba2a38bc2936bd2834be2632c0252fc1242dc3222ac42027432aae442bad452cac462dab482eaa492fa84a2fa74c30a64d31a54e32a45032a25133a15334a054349e56359d57369c59369a5b37995c37975e3896603894623993643991663a8f683a8d6a3b8b6c3b896e3b87713c85743c82773c807b3c7c823c76883b6f8c3b6c903a68923a669539639739609a385e9c375c9e375aa03657a23555a43453a63351a8334fa9324dab314bad3049ae2f47b02e45b22d43b32c40b52b3eb62a3cb8283ab92738bb2636bc2433bd2331bf212fc0202cc21e29c31c274227ad4328ac4529ab462aaa472ba9482ca74a2da64b2ea54c2ea44e2fa34f30a15131a052319f54329d55339c57339b5834995a34985b35965d36955f369361379263379065388e67388c69388b6b39896d3986703984733a82763a7f7a3a7b813a7587396f8b396b8f386891386594376296366099365d9b355b9d34599f3457a13355a33252a53150a7304ea82f4caa2e4aac2d48ad2c46af2b44b12a42b22940b4283eb5273cb7253ab82437ba2335bb2133bc1f30be1e2ebf1c2cc01a29c218264224ac4325ab4426aa4527a94728a84829a6492aa54a2ba44c2ca34d2da24e2da0502e9f512f9e53309d54309b56319a5732985932975b33965c33945e349260349162358f64358d66368c68368a6a37886d37866f378372388175387e79387a80387486376e8a376a8d366790366493356295345f98345d9a335a9c32589e3156a03054a23052a42f50a62e4ea72d4ca92c4aab2b47ac2a45ae2943af2741b1263fb3253db4243bb62239b72137b81f35ba1d32bb1c30bd1a2dbe182bbf1528c113264121ab4222aa4423a94524a84625a74726a64927a44a28a34b29a24c2aa14e2ba04f2c9e512c9d522d9c542e9a552e99572f985830965a30955c31935d32925f329061338e63338d65348b6734896935876c35856e358271368074367d78367a7f367385356d8935698c34668f336392336194325e97315c99315a9b30579d2f559f2e53a12d51a32c4fa42b4da62a4ba82949aa2847ab2745ad2643ae2541b0233fb2223db3203bb51f38b61d36b71b34b91932ba172fbc152dbd132abe1028c00c25411daa421ea94320a84421a74622a64723a54824a34925a24b26a14c27a04d289f4f299d502a9c512b9b532b99542c98562d97582d95592e945b2f925d2f915e308f60318d62318c64328a6632886832866b33846d338270337f73347c7734797e347384336c8833698b32658e316391316093305e962f5b982e599a2e579c2d559e2c53a02b50a22a4ea3294ca5284aa72748a92546aa2444ac2342ad2240af203eb01f3cb21d3ab31b38b51936b61733b81531b9132fbb102cbc0d2abd0927bf05254019a9421ba8431ca7441da6451fa54620a44721a34922a14a23a04b249f4d259e4e269c4f279b51289a522999542a97552a96572b94582c935a2c915c2d905e2e8e5f2e8d612f8b632f896530876830856a31836c31816f317e72327b7632787d327283316c8730688a30658d2f62902e5f922e5d952d5b972c58992b569b2a549d29529f2850a1274ea2264ca4254aa62448a82346a92144ab2042ac1e40ae1d3eaf1b3bb11939b21737b41535b51333b71031b80d2eba092cbb0529bc0127be00244015a84117a74218a6431aa5441ba4461da3471ea2481fa049209f4b219e4c229d4d239c4f249a502599512698532796542895562994582992592a915b2b8f5d2b8d5f2c8c602d8a622d88642e86672e84692f826c2f806e2f7e71307b7530777c3071822f6b862e67892e648c2d618f2c5f912b5c942b5a962a589829559a28539c27519e264fa0254da1244ba32249a52147a72045a81e43aa1d41ab1b3fad193dae173bb01539b11337b31035b40d32b60a30b7062eb9022bba0029bb0026bd0024"},maps:{scores:"00000401000501010601010802010902020b02020d03030f03031204041405041606051806051a07061c08071e0907200a08220b09240c09260d0a290e0b2b100b2d110c2f120d31130d34140e36150e38160f3b180f3d19103f1a10421c10441d11471e114920114b21114e22115024125325125527125829115a2a115c2c115f2d11612f116331116533106734106936106b38106c390f6e3b0f703d0f713f0f72400f74420f75440f764510774710784910784a10794c117a4e117b4f127b51127c52137c54137d56147d57157e59157e5a167e5c167f5d177f5f187f601880621980641a80651a80671b80681c816a1c816b1d816d1d816e1e81701f81721f817320817521817621817822817922827b23827c23827e24828025828125818326818426818627818827818928818b29818c29818e2a81902a81912b81932b80942c80962c80982d80992d809b2e7f9c2e7f9e2f7fa02f7fa1307ea3307ea5317ea6317da8327daa337dab337cad347cae347bb0357bb2357bb3367ab5367ab73779b83779ba3878bc3978bd3977bf3a77c03a76c23b75c43c75c53c74c73d73c83e73ca3e72cc3f71cd4071cf4070d0416fd2426fd3436ed5446dd6456cd8456cd9466bdb476adc4869de4968df4a68e04c67e24d66e34e65e44f64e55064e75263e85362e95462ea5661eb5760ec5860ed5a5fee5b5eef5d5ef05f5ef1605df2625df2645cf3655cf4675cf4695cf56b5cf66c5cf66e5cf7705cf7725cf8745cf8765cf9785df9795df97b5dfa7d5efa7f5efa815ffb835ffb8560fb8761fc8961fc8a62fc8c63fc8e64fc9065fd9266fd9467fd9668fd9869fd9a6afd9b6bfe9d6cfe9f6dfea16efea36ffea571fea772fea973feaa74feac76feae77feb078feb27afeb47bfeb67cfeb77efeb97ffebb81febd82febf84fec185fec287fec488fec68afec88cfeca8dfecc8ffecd90fecf92fed194fed395fed597fed799fed89afdda9cfddc9efddea0fde0a1fde2a3fde3a5fde5a7fde7a9fde9aafdebacfcecaefceeb0fcf0b2fcf2b4fcf4b6fcf6b8fcf7b9fcf9bbfcfbbdfcfdbf",ceilings:"00224e00234f00245100255300255400265600275800285900285b00295d002a5f002a61002b62002c64002c66002d68002e6a002e6c002f6d00306f0030700031700031710132710533710833700c34700f357012357014367016377018376f1a386f1c396f1e3a6f203a6f213b6e233c6e243c6e263d6e273e6e293f6e2a3f6d2b406d2d416d2e416d2f426d31436d32436d33446d34456c35456c36466c38476c39486c3a486c3b496c3c4a6c3d4a6c3e4b6c3f4c6c404c6c414d6c424e6c434e6c444f6c45506c46516c47516c48526c49536c4a536c4b546c4c556c4d556c4e566c4f576c50576c51586d52596d535a6d545a6d555b6d555c6d565c6d575d6d585e6d595e6e5a5f6e5b606e5c616e5d616e5e626e5e636f5f636f60646f61656f62656f636670646770656870656870666970676a71686a71696b716a6c716b6d726c6d726c6e726d6f726e6f736f70737071737172747272747273747374757474757575757676767777767777777878777979777a7a787b7a787c7b787d7c787e7c787e7d787f7e78807f78817f788280798381798482798582798683798784788885788985788a86788b87788c88788d88788e89788f8a78908b78918b78928c78928d78938e78948e77958f779690779791779892779992779a93769b94769c95769d95769e96769f9775a09875a19975a29975a39a74a49b74a59c74a69c74a79d73a89e73a99f73aaa073aba072aca172ada272aea371afa471b0a571b1a570b3a670b4a76fb5a86fb6a96fb7a96eb8aa6eb9ab6dbaac6dbbad6dbcae6cbdae6cbeaf6bbfb06bc0b16ac1b26ac2b369c3b369c4b468c5b568c6b667c7b767c8b866c9b965cbb965ccba64cdbb63cebc63cfbd62d0be62d1bf61d2c060d3c05fd4c15fd5c25ed6c35dd7c45cd9c55cdac65bdbc75adcc859ddc858dec958dfca57e0cb56e1cc55e2cd54e4ce53e5cf52e6d051e7d150e8d24fe9d34eead34cebd44bedd54aeed649efd748f0d846f1d945f2da44f3db42f5dc41f6dd3ff7de3ef8df3cf9e03afbe138fce236fde334fee434fee535fee636fee838",scales:"44015444025645045745055946075a46085c460a5d460b5e470d60470e6147106347116447136548146748166848176948186a481a6c481b6d481c6e481d6f481f70482071482173482374482475482576482677482878482979472a7a472c7a472d7b472e7c472f7d46307e46327e46337f463480453581453781453882443983443a83443b84433d84433e85423f854240864241864142874144874045884046883f47883f48893e49893e4a893e4c8a3d4d8a3d4e8a3c4f8a3c508b3b518b3b528b3a538b3a548c39558c39568c38588c38598c375a8c375b8d365c8d365d8d355e8d355f8d34608d34618d33628d33638d32648e32658e31668e31678e31688e30698e306a8e2f6b8e2f6c8e2e6d8e2e6e8e2e6f8e2d708e2d718e2c718e2c728e2c738e2b748e2b758e2a768e2a778e2a788e29798e297a8e297b8e287c8e287d8e277e8e277f8e27808e26818e26828e26828e25838e25848e25858e24868e24878e23888e23898e238a8d228b8d228c8d228d8d218e8d218f8d21908d21918c20928c20928c20938c1f948c1f958b1f968b1f978b1f988b1f998a1f9a8a1e9b8a1e9c891e9d891f9e891f9f881fa0881fa1881fa1871fa28720a38620a48621a58521a68522a78522a88423a98324aa8325ab8225ac8226ad8127ad8128ae8029af7f2ab07f2cb17e2db27d2eb37c2fb47c31b57b32b67a34b67935b77937b87838b9773aba763bbb753dbc743fbc7340bd7242be7144bf7046c06f48c16e4ac16d4cc26c4ec36b50c46a52c56954c56856c66758c7655ac8645cc8635ec96260ca6063cb5f65cb5e67cc5c69cd5b6ccd5a6ece5870cf5773d05675d05477d1537ad1517cd2507fd34e81d34d84d44b86d54989d5488bd6468ed64590d74393d74195d84098d83e9bd93c9dd93ba0da39a2da37a5db36a8db34aadc32addc30b0dd2fb2dd2db5de2bb8de29bade28bddf26c0df25c2df23c5e021c8e020cae11fcde11dd0e11cd2e21bd5e21ad8e219dae319dde318dfe318e2e418e5e419e7e419eae51aece51befe51cf1e51df4e61ef6e620f8e621fbe723fde725",sizes:"0d088710078813078916078a19068c1b068d1d068e20068f2206902406912605912805922a05932c05942e05952f059631059733059735049837049938049a3a049a3c049b3e049c3f049c41049d43039e44039e46039f48039f4903a04b03a14c02a14e02a25002a25102a35302a35502a45601a45801a45901a55b01a55c01a65e01a66001a66100a76300a76400a76600a76700a86900a86a00a86c00a86e00a86f00a87100a87201a87401a87501a87701a87801a87a02a87b02a87d03a87e03a88004a88104a78305a78405a78606a68707a68808a68a09a58b0aa58d0ba58e0ca48f0da4910ea3920fa39410a29511a19613a19814a099159f9a169f9c179e9d189d9e199da01a9ca11b9ba21d9aa31e9aa51f99a62098a72197a82296aa2395ab2494ac2694ad2793ae2892b02991b12a90b22b8fb32c8eb42e8db52f8cb6308bb7318ab83289ba3388bb3488bc3587bd3786be3885bf3984c03a83c13b82c23c81c33d80c43e7fc5407ec6417dc7427cc8437bc9447aca457acb4679cc4778cc4977cd4a76ce4b75cf4c74d04d73d14e72d24f71d35171d45270d5536fd5546ed6556dd7566cd8576bd9586ada5a6ada5b69db5c68dc5d67dd5e66de5f65de6164df6263e06363e16462e26561e26660e3685fe4695ee56a5de56b5de66c5ce76e5be76f5ae87059e97158e97257ea7457eb7556eb7655ec7754ed7953ed7a52ee7b51ef7c51ef7e50f07f4ff0804ef1814df1834cf2844bf3854bf3874af48849f48948f58b47f58c46f68d45f68f44f79044f79143f79342f89441f89540f9973ff9983ef99a3efa9b3dfa9c3cfa9e3bfb9f3afba139fba238fca338fca537fca636fca835fca934fdab33fdac33fdae32fdaf31fdb130fdb22ffdb42ffdb52efeb72dfeb82cfeba2cfebb2bfebd2afebe2afec029fdc229fdc328fdc527fdc627fdc827fdca26fdcb26fccd25fcce25fcd025fcd225fbd324fbd524fbd724fad824fada24f9dc24f9dd25f8df25f8e125f7e225f7e425f6e626f6e826f5e926f5eb27f4ed27f3ee27f3f027f2f227f1f426f1f525f0f724f0f921",changes:"7f3b08813c08833d08853e088740088941088b42088d43078f44079145079346079548079749079a4a079c4b079e4c07a04d07a24e07a44f07a65107a85206aa5306ac5406ae5506b05606b25706b45906b65a07b75c07b95e08bb5f08bd6109be630ac0640ac2660bc4680bc6690cc76b0cc96d0dcb6e0dcd700ece720fd0730fd27510d47610d57811d77a11d97b12db7d12dc7f13de8013e08214e18417e2861ae3881de58a20e68d23e78f27e8912ae9932dea9530eb9733ed9936ee9b39ef9e3cf0a03ff1a242f2a446f3a649f4a84cf6aa4ff7ac52f8ae55f9b158fab35bfbb55efcb761fdb965fdba68fdbc6bfdbd6efdbf72fdc175fdc278fdc47bfdc57ffdc782fdc885fdca88fdcc8cfecd8ffecf92fed095fed299fed39cfed59ffed7a2fed8a6fedaa9fedbacfeddaffedeb3fee0b6fee1b9fde2bbfde3befde4c0fde5c3fce5c5fce6c8fce7cafce8cdfbe9cffbead2fbebd5faecd7faeddafaeedcfaeedff9efe1f9f0e4f9f1e6f9f2e9f8f3ecf8f4eef8f5f1f7f6f3f7f7f6f6f6f7f5f5f6f4f4f6f3f3f5f2f2f5f0f1f4eff0f4eeeef3ededf3ebecf3eaebf2e9eaf2e8e9f1e7e8f1e5e7f0e4e5f0e3e4efe2e3efe1e2eedfe1eedee0eddddfeddcddecdadcecd9dbebd8daebd7d8ead5d6e9d4d4e8d2d3e7d1d1e6cfcfe5cecde4cccbe3cbc9e2c9c8e1c8c6e0c6c4dfc5c2dec3c0ddc2bedcc0bddbbfbbdabdb9d9bcb7d8bab5d7b9b3d6b7b1d5b6b0d4b4aed3b3acd2b1aad1afa8d0ada6ceaba3cda9a1cba79fcaa59dc8a39bc7a198c59f96c49d94c29b92c19990bf988dbe968bbc9489bb9287b99085b88e82b68c80b58a7eb3887cb2867ab08477af8275ad8073ac7e70ab7d6da97b6aa87967a67764a57661a4745ea2725ba170589f6f559e6d529c6b4f9b6a4c9a684998664697644395634094613d935f3a915d37905c348e5a318d582e8c572b8a5528895326875225845023824f22804d207d4c1f7b4a1d78491c76471a7445187144176f42156c41146a3f12683e11653c0f633b0e61390c5e380b5c3609593508573306553205523003502f024d2d004b",losses:"ffffd9feffd8feffd6fdfed5fdfed4fcfed3fcfed1fbfdd0fafdcffafdcef9fdccf9fdcbf8fccaf8fcc9f7fcc7f7fcc6f6fbc5f5fbc4f5fbc2f4fbc1f4fbc0f3fabff3fabdf2fabcf1fabbf1fabaf0f9b8f0f9b7eff9b6eff9b5eef8b3edf8b2edf8b1ecf7b1eaf7b1e9f7b1e8f6b1e7f6b1e6f5b2e5f5b2e3f4b2e2f4b2e1f3b2e0f3b2dff2b2ddf2b2dcf1b2dbf1b2daf0b3d9f0b3d7efb3d6efb3d5efb3d4eeb3d3eeb3d1edb3d0edb3cfecb3ceecb3cdebb4cbebb4caeab4c9eab4c8e9b4c6e9b4c4e8b4c2e7b4c0e6b5bde5b5bbe4b5b9e4b5b7e3b6b4e2b6b2e1b6b0e0b6aedfb6abdeb7a9ddb7a7dcb7a5dcb7a2dbb8a0dab89ed9b89cd8b899d7b897d6b995d5b992d5b990d4b98ed3ba8cd2ba89d1ba87d0ba85cfba83cebb80cebb7ecdbb7cccbb7acbbc78cbbc76cabc75c9bd73c8bd71c8bd6fc7bd6dc6be6bc6be69c5be67c4be65c3bf63c3bf61c2bf5fc1c05dc0c05bc0c059bfc057bec155bec153bdc152bcc250bbc24ebbc24cbac24ab9c348b9c346b8c344b7c442b6c440b5c43fb4c43eb3c43db2c43cb1c33bb0c33aaec339adc337acc336abc335aac334a9c333a7c232a6c231a5c22fa4c22ea3c22da2c22ca1c22b9fc22a9ec1299dc1289cc1269bc1259ac12498c12397c12296c12195c02094c01f93c01d91c01d90c01d8ebf1d8dbe1e8bbd1e8abd1e88bc1e86bb1e85ba1e83ba1f82b91f80b81f7eb71f7db61f7bb61f7ab51f78b42076b32075b32073b22072b12070b0206eb0216daf216bae216aad2168ad2166ac2165ab2163aa2262aa2260a9225ea8225da8225ca7225aa62259a62258a52356a42355a42354a32352a32351a22350a1234fa1234da0234c9f234b9f23499e24489d24479d24459c24449c24439b24419a24409a243f99243d98243c98253b9725399725389625379525359525349424339223339022328f21318d21308b2030891f2f871e2e851d2e831c2d811b2c801a2b7e192b7c182a7a17297817297616287415277214267013266f12256d11246b1023690f23670e22650d21630d21610c20600b1f5e0a1e5c091e5a081d58",weights:"f7fcfdf6fbfdf6fbfcf5fafcf4fafcf3f9fcf3f9fbf2f8fbf1f8fbf1f7faf0f7faeff6faeef6faeef5f9edf5f9ecf4f9ebf4f8ebf3f8eaf3f8e9f2f8e9f2f7e8f1f7e7f1f7e6f0f7e6f0f6e5eff6e4eff6e4eef5e3eef5e2edf5e1edf5e1ecf4e0ecf4dfebf4deeaf3ddeaf3dce9f2dbe8f2dae7f1d9e6f1d8e6f0d7e5f0d6e4f0d4e3efd3e2efd2e2eed1e1eed0e0edcfdfedcedfeccddeecccddeccbdcebcadbebc9dbeac8daeac7d9e9c6d8e9c5d8e9c4d7e8c3d6e8c2d5e7c1d4e7c0d4e6bfd3e6bed2e6bdd1e5bcd1e5bbd0e4bacfe4b9cee4b7cee3b6cde3b5cce3b4cce2b3cbe2b2cae1b1c9e1b0c9e1afc8e0aec7e0adc7e0acc6dfabc5dfaac4dea9c4dea8c3dea7c2dda6c2dda5c1dca4c0dca3bfdca2bfdba1bedba0bddb9fbcda9ebcda9dbad99db9d99cb8d89cb7d79bb6d79ab4d69ab3d599b2d599b1d498b0d398aed397add296acd296abd195aad095a8d094a7cf94a6ce93a5ce92a4cd92a3cd91a1cc91a0cb909fcb909eca8f9dc98f9bc98e9ac88d99c88d98c78c97c68c95c68c94c58c93c48c91c48c90c38c8fc28c8dc28c8cc18c8bc08c89c08c88bf8c86be8c85be8c84bd8c82bc8c81bc8c80bb8c7eba8c7dba8c7cb98c7ab88c79b88c78b78c76b78c75b68c74b58c72b58c71b48c70b38c6eb38c6db28c6cb18c6ab18c69b08c68af8c66af8b65ae8b64ad8b62ad8b61ac8b60ac8b5eab8b5daa8b5caa8a5aa98a59a88a58a88a56a78a55a78a54a68a52a58a51a58950a4894fa3894da3894ca2894ba28949a18948a08947a088459f88449e88439e88419d88409c883e9b873d9a873b99873a98873897873696863595863394863293863092852f91852d90852b8f852a8e85288d84278c84258b84248a842289832088831f86831d85831c84831a8382198282178182158082147f81127e81117d810f7c800f7b7e0e797c0e787b0d76790d75770c73760c71740b70730b6e710a6d6f0a6b6e096a6c09686a086769086567086465076264076162065f61065d5f055c5d055a5c04595a045758035657035455025354025152015050014e4f004d4d004b"}};function ol(i){return Uint8Array.from({length:i.length/2},(e,t)=>parseInt(i.slice(2*t,2*t+2),16))}function cl(i){return{...lo[i],rgb:ol(lo[i].rgb)}}var C3=cl("layer"),R3=cl("time step"),P3=cl("place"),I3=Object.fromEntries(Object.entries(lo.maps).map(([i,e])=>[i,ol(e)]));function rl(i){return Math.min(1,Math.max(0,i))}function $f({width:i,height:e,rgb:t},n,s){let a=3*(Math.round(rl(s)*(e-1))*i+Math.round(rl(n)*(i-1)));return[t[a],t[a+1],t[a+2]]}function kn(i,e,t){return $f(t==="time step"?R3:C3,i,e)}function ps(i,e){return $f(P3,(i+1)/2,(e+1)/2)}function wn(i,e){let t=3*Math.round(rl(e)*255),n=I3[i];return[n[t],n[t+1],n[t+2]]}function Zf(i){let[e,t,n]=ol(i.replace("#",""));return[e,t,n]}function Vn([i,e,t]){return`rgb(${i} ${e} ${t})`}function z(i,e={},...t){let n=document.createElement(i);for(let[s,a]of Object.entries(e))typeof a=="boolean"&&!s.startsWith("aria-")?n.toggleAttribute(s,a):a!==void 0&&n.setAttribute(s,String(a));return n.append(...t.filter(s=>s!=null)),n}function nt(i){let e=document.getElementById(i);if(!e)throw new Error(`The page has no element with the id ${i}.`);return e}function Gn(i,e,t={}){let n=z("button",{type:"button",...t},i);return n.addEventListener("click",e),n}function Jf(i,e,t){let n=JSON.stringify(e);if(i.dataset.choices!==n){i.dataset.choices=n;let s=new Map,a=[];for(let{value:r,label:o,group:c}of e){let l=z("option",{value:r},o);if(!c)a.push(l);else if(s.has(c))s.get(c).append(l);else{let d=z("optgroup",{label:c},l);s.set(c,d),a.push(d)}}i.replaceChildren(...a)}i.value=t}function st(i,e=3,t=""){return Number.isFinite(i)?z("data",{value:i},pn(i,e)+t):z("span",{class:"unknown"},"unknown")}function pn(i,e=3){let t=i.toFixed(e);return Number(t)===0?0 .toFixed(e):t.replace("-","\u2212")}function Ti(i){nt("announcer").textContent=i}var L3=9;function ll(i,e,t){let n=z("canvas",{width:i,height:e,"aria-hidden":"true"}),s=n.getContext("2d"),a=s.createImageData(i,e);for(let r=0;r<e;r++)for(let o=0;o<i;o++)a.data.set([...t((o+.5)/i,(r+.5)/e),255],4*(r*i+o));return s.putImageData(a,0,0),n}function dl(i,e=16){return i.length<=e?i:`\u2026${i.slice(1-e)}`}function N3(i,e=L3){let t=Math.min(i,e);return t<2?[0]:Array.from({length:t},(n,s)=>Math.round(s*(i-1)/(t-1)))}function D3(i){let e=i.layers.length,t=Math.max(e,1),n=ll(34,12*t,(a,r)=>{let o=t-1-Math.floor(r*t);return kn(o/Math.max(1,e-1),a,i.axis)}),s=N3(e).map(a=>{let r=z("span",{title:i.layers[a]??""},dl(i.layers[a]??"",12));return r.style.bottom=`${(a+.5)/t*100}%`,r});return z("div",{class:"key depth"},z("b",{},`${i.title} ${i.axis}`),z("div",{class:"bands"},n,z("div",{class:"names"},...s)),z("div",{class:"ends"},z("span",{},"0"),z("span",{},i.top)),z("small",{},i.bright))}function U3(){let i=ll(64,64,(e,t)=>ps(2*e-1,2*t-1));return z("div",{class:"key place"},z("b",{},"receptive-field centre"),z("div",{class:"square"},i,z("span",{class:"up"},"top"),z("span",{class:"side"},"right")))}function O3(i){let e=ll(120,10,a=>wn(i.palette,a)),t=i.high-i.low<.1?3:2,n=a=>pn(a,t),s=[i.low,(i.low+i.high)/2,i.high];return z("div",{class:"key bar"},z("b",{},i.title),e,z("div",{class:"ends"},...s.map(a=>z("span",{},n(a)))))}function F3(i){let e=i.colours.map((t,n)=>{let s=z("i",{title:`cluster ${n+1}`});return s.style.background=Vn(t),s});return z("div",{class:"key clusters"},z("b",{},"channel clusters"),z("div",{class:"chips"},...e),z("div",{class:"ends"},z("span",{},"1"),z("span",{},String(i.colours.length))),z("small",{},"similar colours: similar clusters"))}function Kf(i){return i.type==="depth"?D3(i):i.type==="place"?U3():i.type==="bar"?O3(i):F3(i)}var fl="confidence";function hl(i,e){return i.values("layer")[e]}function ul(i,e){let t=new Float32Array(i.length/e);for(let n=0;n<t.length;n++){let[s,a]=[0,0];for(let r=0;r<e;r++)s+=i[n*e+r]*r/Math.max(1,e-1),a+=i[n*e+r];t[n]=a>0?s/a:NaN}return t}function fo(i){let e=i.filter(a=>!Number.isNaN(a)).sort();if(!e.length)return .05;let t=.99*(e.length-1),n=e[Math.floor(t)],s=n+(t-Math.floor(t))*(e[Math.ceil(t)]-n);return Math.max(.05,Math.ceil(s/.05-1e-6)*.05)}function ia(i,e){let t=new Uint8Array(3*i.length),n=new Uint8Array(i.length);for(let s=0;s<i.length;s++){let a=Number.isNaN(i[s])?null:e(s);a&&(n[s]=1,t.set(a,3*s))}return{rgb:t,known:n,values:i}}function ho(i,e,t,n=[0,fo(i)],s=""){let[a,r]=n;return{...ia(i,c=>wn(e,(i[c]-a)/(r-a))),unit:s,key:{type:"bar",palette:e,low:a,high:r,title:t}}}function B3({arrays:i,network:e,meaning:t=fl}){let n=i.values("layer_weights"),s=i.shape("layer_weights")[1],a=i.has("confidence")?i.values("confidence"):null,{axis:r,layers:o}=e,c=l=>kn(hl(i,l)/Math.max(1,s-1),a?.[l]??1,r);return{...ia(ul(n,s),c),unit:"depth",key:{type:"depth",axis:r,layers:o,title:"strongest",bright:t,top:"1"}}}function z3({arrays:i,network:e,layer:t}){let n=i.values("layer_weights"),s=i.shape("layer_weights")[1],a=Float32Array.from({length:n.length/s},(r,o)=>n[o*s+t]);return ho(a,"weights",`weight of ${e.layers[t]??t+1}`)}function k3({arrays:i}){let e=i.values("space"),t=a=>Math.hypot(e[2*a],e[2*a+1])/2,n=Float32Array.from({length:e.length/2},(a,r)=>t(r));return{...ia(n,a=>ps(e[2*a],e[2*a+1])),unit:"image widths",key:{type:"place"}}}function V3({arrays:i,colours:e=[]}){let t=i.values("cluster"),n=e.map(Zf);return{...ia(t,s=>n[t[s]]??null),unit:"cluster",key:{type:"clusters",colours:n}}}function G3({arrays:i,network:e}){let t=i.values("layer"),n=i.values(i.has("held_out")?"held_out":"similarity"),s=fo(n),a=Math.max(1,e.layers.length-1),r=t.map(d=>d/a),{axis:o,layers:c}=e;return{...ia(r,d=>kn(r[d],n[d]/s||0,o)),unit:"depth",key:{type:"depth",axis:o,layers:c,title:"best unit's",bright:"similarity",top:s.toFixed(2)}}}function Ai(i,e,t,n,s,a="fit"){let r=({arrays:o})=>ho(o.values(t),n,e,s);return{id:i,label:e,kind:a,array:t,scalar:e.replace(/ \(.*/,""),paint:r}}var sa=[{id:"layer",label:"layer and confidence",kind:"fit",array:"layer_weights",scalar:"mean depth",paint:B3},{id:"weight",label:"weight of one layer",kind:"fit",array:"layer_weights",scalar:"weight",paint:z3},{id:"space",label:"receptive-field centre",kind:"fit",array:"space",scalar:"eccentricity",paint:k3},Ai("scale","scale (0 local, 1 global)","scale","scales",[0,1]),Ai("size","receptive-field size","size","sizes"),Ai("r2","test R\xB2","r2","scores"),Ai("r2-over-ceiling","R\xB2 / noise ceiling","r2_over_ceiling","scores",[0,1]),Ai("spread","spread across seeds","member_spread","losses"),{id:"clusters",label:"channel clusters",kind:"clusters",array:"cluster",scalar:null,paint:V3},{id:"sae-layer",label:"layer of the best unit",kind:"dictionary",array:"layer",scalar:"depth",paint:G3},Ai("sae-similarity","similarity to best unit","held_out","scores",void 0,"dictionary"),Ai("ceiling","noise ceiling","ceiling","ceilings",void 0,"subject")];function uo({label:i},e=fl){return i.replace(fl,e)}function hi(i){return sa.find(e=>e.id===i)}var pl=["inflated","pial","sphere","flat"],ml=["both","left","right"],bl=["auto","light","dark"],H3=4,mo=[0,1.75,1];function Ci(i,e){return i.subjects.find(t=>t.id===e)??i.subjects[0]}function Kt(i,e){return i.networks.find(t=>t.id===e)??i.networks[0]}function Qf(i,e,t){return i.maps.filter(n=>n.subject===e&&n.network===t)}function gl(i,e){let t=Qf(i,e.subject,e.network);return[...new Set(t.filter(n=>n.kind==="fit").map(n=>n.readout))]}function Ri(i,e,t){let n=Qf(i,e.subject,e.network).filter(s=>s.kind===t);return n.find(s=>s.readout===e.readout)??n[0]??null}function _l(i,e){return sa.filter(({kind:t,array:n})=>t==="subject"?Ci(i,e.subject).arrays.some(({name:s})=>s===n):Ri(i,e,t)?.arrays.some(({name:s})=>s===n)).map(({id:t})=>t)}function eh(i,e){let t=i.maps[0],n=i.subjects[0]?.space?"flat":"inflated",s=(a,r)=>({subject:t?.subject??"",network:t?.network??"",readout:t?.readout??"",quantity:a,layer:0,surface:r,minus:-1});return{layout:e?2:1,active:0,panels:[s("layer","inflated"),s("layer",n),s("space",n),s("r2",n)],cursor:null,picture:0,roi:null,hemispheres:"both",outlines:!0,camera:[...mo],flat:[0,0,1],theme:"auto",table:null,sort:null}}function ms(i,e,t){return i.includes(e)?e:t}function po(i,e,t){let n=i===null||i===""?NaN:Number(i);return Number.isInteger(n)&&n>=0&&n<=e?n:t}function W3(i,e){let t=Ci(i,e.subject).id,n=i.maps.filter(l=>l.subject===t),s=n.some(l=>l.network===e.network)?e.network:n[0]?.network??Kt(i,e.network)?.id??"",a={...e,subject:t,network:s},r=gl(i,a);a.readout=ms(r,e.readout,r[0]??"");let o=_l(i,a);a.quantity=ms(o,e.quantity,o[0]??"");let c=Kt(i,s)?.layers.length??1;return a.layer=Math.min(Math.max(0,e.layer),c-1),a.minus>=0&&!hi(a.quantity)?.scalar&&(a.minus=-1),a}function xl(i,e){let t=e.panels.map((a,r)=>{let o=W3(i,a);return o.minus===r||o.minus>=e.layout?{...o,minus:-1}:o}),n=i.subjects.find(({id:a})=>a===e.cursor?.subject),s=e.cursor&&n&&e.cursor.row<n.n_vertices;return{...e,panels:t,cursor:s?e.cursor:null,active:Math.min(e.active,e.layout-1),roi:i.subjects.some(({rois:a})=>a.includes(e.roi??""))?e.roi:null,table:i.tables.some(({id:a})=>a===e.table)?e.table:null}}function bo(i){let e=new URLSearchParams;return e.set("panels",String(i.layout)),e.set("active",String(i.active+1)),i.panels.slice(0,i.layout).forEach((t,n)=>{let s=n+1;e.set(`subject${s}`,t.subject),e.set(`network${s}`,t.network),e.set(`readout${s}`,t.readout),e.set(`quantity${s}`,t.quantity),e.set(`surface${s}`,t.surface),t.quantity==="weight"&&e.set(`layer${s}`,String(t.layer+1)),t.minus>=0&&e.set(`minus${s}`,String(t.minus+1))}),i.cursor&&e.set("vertex",`${i.cursor.row}@${i.cursor.subject}`),i.roi&&e.set("region",i.roi),e.set("camera",i.camera.map(t=>t.toFixed(3)).join(",")),e.set("flat",i.flat.map(t=>t.toFixed(3)).join(",")),i.picture&&e.set("picture",String(i.picture)),i.hemispheres!=="both"&&e.set("hemispheres",i.hemispheres),i.outlines||e.set("outlines","no"),i.theme!=="auto"&&e.set("theme",i.theme),i.table&&e.set("table",i.table),i.sort&&e.set("sort",`${i.sort.down?"-":"+"}${i.sort.column}`),e.toString()}function jf(i,e){let t=(i??"").split(",").map(Number);return t.length===3&&t.every(Number.isFinite)&&t[2]>0?t:e}function X3(i,e,t){let n=s=>i.get(`${s}${e}`);return{subject:n("subject")??t.subject,network:n("network")??t.network,readout:n("readout")??t.readout,quantity:n("quantity")??t.quantity,surface:ms(pl,n("surface"),t.surface),layer:po(n("layer"),1e5,1)-1,minus:po(n("minus"),H3,0)-1}}function q3(i){let[,e,t]=/^(\d+)@(.*)$/s.exec(i??"")??[];return e===void 0?null:{row:Number(e),subject:t}}function yl(i,e,t){let n=new URLSearchParams(e.replace(/^#/,"")),s=n.get("sort"),a=ms([1,2,4],Number(n.get("panels")),t.layout);return xl(i,{layout:a,active:po(n.get("active"),a,1)-1,panels:t.panels.map((r,o)=>X3(n,o+1,r)),cursor:q3(n.get("vertex")),picture:po(n.get("picture"),1e6,t.picture),roi:n.get("region"),hemispheres:ms(ml,n.get("hemispheres"),t.hemispheres),outlines:n.get("outlines")!=="no",camera:jf(n.get("camera"),t.camera),flat:jf(n.get("flat"),t.flat),theme:ms(bl,n.get("theme"),t.theme),table:n.get("table"),sort:s?{down:s[0]==="-",column:s.slice(1)}:null})}function vl(i){let e=i.subject.n_vertices;return{rgb:new Uint8Array(3*e),known:new Uint8Array(e),values:new Float32Array(e).fill(NaN),unit:"",key:{type:"bar",palette:"scores",low:0,high:1,title:"no data to show"}}}async function th(i,e,t){let n=hi(e.quantity),s=Kt(i,e.network);if(!n||!s)return vl(t);if(n.kind==="subject")return n.paint({arrays:t.arrays,network:s,layer:e.layer});let a=Ri(i,e,n.kind);if(!a)return vl(t);let{colours:r,meaning:o}=a;return n.paint({arrays:await hs(a),network:s,layer:e.layer,colours:r,meaning:o})}function Y3(i,e,t){return i===t?e:!i.mesh||i.mesh!==t.mesh?null:Float32Array.from(t.vertexOf,n=>{let s=i.rowOf[n];return s===ft?NaN:e[s]})}async function $3(i,e,t,n){let s=await al(i,Ci(i,t.subject)),{quantity:a,layer:r}=e,o=Math.min(r,(Kt(i,t.network)?.layers.length??1)-1),c=await th(i,{...t,quantity:a,layer:o},s),l=Y3(s,c.values,n.cortex),d="ABCD"[e.minus];if(!l)return{...n,painted:vl(n.cortex),note:`cannot subtract panel ${d}: ${t.subject} is on a different mesh`};let h=n.painted.values.map((y,p)=>y-l[p]),f=fo(h.map(Math.abs)),u=`difference in ${hi(a)?.scalar??a}`,b=ho(h,"changes",u,[-f,f],n.painted.unit);return{...n,painted:b,note:`minus panel ${d}: ${t.network}, ${t.subject}`}}async function nh(i,e,t){let n=e.panels[t],s=await al(i,Ci(i,n.subject)),a=await th(i,n,s),r=hi(n.quantity),o=r?uo(r,Ri(i,n,"fit")?.meaning):"no data to show",c=s.kind==="mesh"?"":s.kind==="points"?"no cortical mesh: each recording site is shown as a point":"no coordinates: sites are shown in the order of the data",l={panel:n,cortex:s,painted:a,title:o,note:c};return n.minus<0?l:$3(i,n,e.panels[n.minus],l)}function aa(i,e,t){return i===t?e:!i.mesh||!t.mesh?ft:t.rowOf[t.mesh.nearest(i.mesh,i.vertexOf[e])]}async function bs(i,e,t){let n=Ri(i,e,t);return n&&{map:n,arrays:await hs(n)}}function go(i,e,t,n){let s=i.painted.values[e];if(e===ft||Number.isNaN(s))return"no data here";let{key:a,unit:r}=i.painted;if(a.type==="clusters")return`cluster ${s+1}`;let o=pn(s,a.type==="depth"?2:3);if(a.type==="depth"){let c=i.panel.quantity==="layer"?"mean depth":"depth";return n===null?`${c} ${o}`:`${t[n]} \xB7 ${c} ${o}`}return a.type==="place"?`${o} image widths from the centre`:r&&r!=="depth"?`${o} ${r}`:o}var Z3=.7,ih=new WeakMap;function _o(i){let e=ih.get(i);if(e)return e;let t=new Uint8Array(i.rowOf.length),n=[];for(let s of i.subject.rois){let a=new Uint8Array(i.rowOf.length),r=i.rowsIn(s);for(let c of r)a[i.vertexOf[c]]=1;let o=r.filter(c=>t[i.vertexOf[c]]).length;if(!(!r.length||o>Z3*r.length)){for(let c of r)t[i.vertexOf[c]]=1;n.push({name:s,mask:a,size:r.length})}}return ih.set(i,n),n}function Ml(i,e){let t=[];if(!i.index)return t;let n=i.index.array,s=i.position.array;for(let a=0;a<n.length;a+=3){let r=e[n[a]],o=e[n[a+1]],c=r+o+e[n[a+2]];if(c===0||c===3)continue;let l=c===1?1:0,d=r===l?0:o===l?1:2,h=3*n[a+d];for(let f=1;f<3;f++){let u=3*n[a+(d+f)%3];for(let b=0;b<3;b++)t.push((s[h+b]+s[u+b])/2)}}return t}function sh(i,e){let t=i.position.array,n=i.index?e.mask.length/2:e.mask.length;return(i.index?[0,1]:[0]).flatMap(a=>{let r=[];for(let l=a*n;l<(a+1)*n;l++)e.mask[l]&&r.push(l);if(!r.length)return[];let o=[0,1,2].map(l=>r.reduce((d,h)=>d+t[3*h+l],0)/r.length),c=l=>[0,1,2].reduce((d,h)=>d+(t[3*l+h]-o[h])**2,0);return[r.reduce((l,d)=>c(d)<c(l)?d:l)]})}function ah(i,e,t,n){let s=i.mesh?.sulci(),a=new Uint8Array(4*i.rowOf.length).fill(255);for(let r=0;r<i.rowOf.length;r++){let o=i.rowOf[r];o!==ft&&t[o]?a.set(e.subarray(3*o,3*o+3),4*r):a.fill(J3(s?.[r]??0,n),4*r,4*r+3)}return a}function J3(i,e){let t=Math.min(1,Math.max(-1,3*i));return e?78-16*t:206-18*t}var Hn=["A","B","C","D"],rh=["subject","network","tuned","readout","quantity","layer","surface","minus"],Sl={subject:"Subject",network:"Network",tuned:"Fine-tuning",readout:"Readout",quantity:"Quantity",layer:"Layer",surface:"Surface",minus:"Difference"};function oh(i,e){let t=i.find(n=>n.id===e)?.derived;return t&&i.some(n=>n.id===t.base)?t.base:e}function K3(i){let{finetune:e="",step:t=null}=i.derived??{};return t===null?e:`${e}, step ${t}`}var xo=class{constructor(e,t,n,s){this.manifest=e;this.at=t;this.change=n;this.choose=s;let a=Hn[t];for(let r of rh){let o=`${r}-${a}`,c=z("select",{id:o,"aria-label":`${Sl[r]} of panel ${a}`,title:Sl[r]});c.addEventListener("change",()=>this.chosen(r,c.value)),this.selects[r]=c,this.rows[r]=z("label",{class:`field ${r}`,for:o},z("span",{},Sl[r]),c)}this.value=z("output",{class:"value",id:`value-${a}`}),this.note=z("p",{class:"note"}),this.key=z("div",{class:"legend"}),this.names=z("div",{class:"labels"}),this.ring=z("div",{class:"ring",hidden:!0}),this.frame=z("div",{class:"frame",id:`frame-${a}`,tabindex:0,role:"application"},this.names,this.ring),this.root=z("section",{class:"panel",id:`panel-${a}`,"aria-label":`Panel ${a}`},z("header",{},z("span",{class:"letter"},a),...rh.map(r=>this.rows[r])),z("div",{class:"picture"},this.frame,this.key,this.note,this.value)),nt("panels").append(this.root)}manifest;at;change;choose;root;frame;selects={};rows={};value;key;names;ring;note;labels=[];update(e){let t=e.panels[this.at],{networks:n,subjects:s}=this.manifest;this.root.hidden=this.at>=e.layout,this.root.classList.toggle("active",e.active===this.at&&e.layout>1);let a=new Set(this.manifest.maps.filter(E=>E.subject===t.subject).map(E=>E.network)),r=oh(n,t.network),o=n.filter(E=>a.has(E.id)),c=[...new Set(o.map(E=>oh(n,E.id)))],l=o.filter(E=>E.derived?.base===r),d=E=>E.map(M=>({value:M,label:M}));this.set("subject",d(s.map(({id:E})=>E)),t.subject),this.set("network",d(c),r);let h=a.has(r)?[{value:r,label:"not fine-tuned"}]:[];this.set("tuned",[...h,...l.map(E=>({value:E.id,label:K3(E)}))],t.network,l.length===0);let f=gl(this.manifest,t);this.set("readout",d(f),t.readout,f.length<2);let u=_l(this.manifest,t),b=Ri(this.manifest,t,"fit")?.meaning,y=sa.filter(({id:E})=>u.includes(E));this.set("quantity",y.map(E=>({value:E.id,label:uo(E,b)})),t.quantity);let p=n.find(({id:E})=>E===t.network)?.layers??[];this.set("layer",p.map((E,M)=>({value:String(M),label:E})),String(t.layer),t.quantity!=="weight");let m=Ci(this.manifest,t.subject).space===null;this.set("surface",d([...pl]),t.surface,m);let v=Hn.slice(0,e.layout).flatMap((E,M)=>M===this.at?[]:[{value:String(M),label:`minus ${E}`}]);this.set("minus",[{value:"-1",label:"none"},...v],String(t.minus),!v.length||!hi(t.quantity)?.scalar)}show(e,t,n){this.key.replaceChildren(Kf(e.painted.key)),this.note.textContent=e.note,this.frame.setAttribute("aria-label",`${e.title}, ${e.panel.network}, ${e.panel.subject}, ${e.panel.surface}. Arrow keys move the cursor; Shift and arrow keys rotate the cortex.`);let s=t.outlines&&n.shape?.index;this.labels=s?_o(e.cortex).flatMap(a=>sh(n.shape,a).map(r=>this.label(a.name,r,t.roi))):[],this.names.replaceChildren(...this.labels.map(({element:a})=>a))}overlay(e,t,n,s){let a=[];for(let{element:o,vertices:c}of this.labels){let l=e.project(t,c[0]),d=[0,0,o.textContent.length*7+8,16],h=l&&!a.some(([u,b,y,p])=>Math.abs(u-l.x)<(y+d[2])/2&&Math.abs(b-l.y)<(p+d[3])/2),f=!!(l?.facing&&h);o.hidden=!f,f&&(a.push([l.x,l.y,d[2],d[3]]),o.style.transform=`translate(${l.x}px, ${l.y}px) translate(-50%, -50%)`)}let r=n===null?null:e.project(t,n);this.ring.hidden=!r,r&&(this.ring.style.transform=`translate(${r.x}px, ${r.y}px)`),this.ring.classList.toggle("behind",!!r&&!r.facing),this.value.textContent!==s&&(this.value.textContent=s)}shownLabels(){return this.labels.filter(({element:e})=>!e.hidden).map(({element:e})=>e)}label(e,t,n){let s=z("button",{type:"button",class:"region",tabindex:-1,"aria-pressed":e===n},e);return s.addEventListener("click",()=>this.choose(e)),s.addEventListener("pointerdown",a=>a.stopPropagation()),{element:s,vertices:[t]}}set(e,t,n,s=!1){Jf(this.selects[e],t,n),this.rows[e].hidden=s}chosen(e,t){let n=e==="layer"||e==="minus";this.change({[e==="tuned"?"network":e]:n?Number(t):t})}};var ch=new Map;async function j3(i,e){let{file:t,items:n}=i.pictures,{offset:s,length:a,mime:r}=n[e],o=(await oo(t)).slice(s,s+a);return URL.createObjectURL(new Blob([o],{type:r}))}function lh(i,e){let t=i.pictures?.items??[],n=t.flatMap((s,a)=>s.subject===e&&s.example!==!1?[a]:[]);return n.length?n:t.flatMap((s,a)=>s.example!==!1?[a]:[])}function wl(i,e){let{image_id:t,width:n,height:s}=i.pictures.items[e],a=z("img",{alt:`image ${t}`,title:t,width:n,height:s}),r=ch.get(e);return r||(r=j3(i,e),ch.set(e,r)),r.then(o=>a.src=o).catch(()=>a.replaceWith("image missing")),a}var Q3=16,e1="http://www.w3.org/2000/svg";function Wn(i,e){let t=document.createElementNS(e1,i);for(let[n,s]of Object.entries(e))t.setAttribute(n,String(s));return t}function Xn(i,...e){return z("section",{},z("h3",{},i),...e)}function dh(i,e,t,n=null,s="weights"){let a=i.length,r=Math.max(...Array.from(i,(c,l)=>c+(n?.[l]||0)),1e-6),o=Array.from({length:a},(c,l)=>a-1-l).map(c=>{let l=z("i",{});l.style.width=`${100*i[c]/r}%`,l.style.background=Vn(kn(c/Math.max(1,a-1),1,t));let d=n?.[c],h=d===void 0||Number.isNaN(d)?null:z("b",{class:"between","data-spread":d,title:`standard deviation across seeds: ${d.toFixed(3)}`});if(h){let f=Math.max(0,i[c]-d);h.style.left=`${100*f/r}%`,h.style.width=`${100*(i[c]+d-f)/r}%`}return z("li",{},z("span",{title:e[c]??""},dl(e[c]??"",13)),z("span",{class:"track"},l,h),st(i[c],2))});return z("ol",{class:a>Q3?"bars many":"bars","aria-label":`${s} of ${t}s, last first`},...o)}function t1(i,e,t,n,s){let{fit:a,of:r}=i??{fit:"squash",of:"picture"},o=a==="crop"?Math.min(n,s):Math.max(n,s),[c,l]=a==="squash"?[1,1]:[o/n,o/s],d=t===null?.25*c:Math.max(.06,4*t*(r==="window"?c:1)),h=d*l/c;return r==="window"?[e[0]*c,e[1]*l,d,h]:[...e,d,h]}function n1(i,e,t,n,s,a,r,o){let c=lh(i,t);if(!c.length)return null;let l=r.picture%c.length,{width:d,height:h,image_id:f}=i.pictures.items[c[l]],u=Wn("svg",{viewBox:"-1 -1 2 2",preserveAspectRatio:"none","aria-hidden":"true"}),[b,y,p,m]=t1(e,n,s,d,h),v=T=>`a${p} ${m} 0 1 0 ${T} 0`,E=`M-1-1H1V1H-1ZM${b-p} ${y}${v(2*p)}${v(-2*p)}Z`;u.append(Wn("path",{d:E,"fill-rule":"evenodd",fill:"#000",opacity:.78*(1-a)}),Wn("ellipse",{cx:b,cy:y,rx:p,ry:m,class:"under"}),Wn("ellipse",{cx:b,cy:y,rx:p,ry:m,class:"over"}),Wn("path",{d:`M${b-.06} ${y}h.12M${b} ${y-.06}v.12`,class:"over"}));let M=z("div",{class:"image"},wl(i,c[l]));M.style.aspectRatio=`${d} / ${h}`,M.append(u);let A=T=>o.choosePicture((l+T+c.length)%c.length);return z("div",{class:"field-image"},M,z("div",{class:"stepper"},Gn("\u2039",()=>A(-1),{"aria-label":"previous image",id:"picture-before"}),z("span",{title:f},`${l+1} of ${c.length}`),Gn("\u203A",()=>A(1),{"aria-label":"next image",id:"picture-next"})))}function i1(i){let e=z("i",{});return e.style.left=`${100*i}%`,z("div",{class:"balance"},z("span",{},"local"),z("div",{class:"scale"},e),z("span",{},"global"),st(i,2))}function s1(i,e,t){let n=b=>i.has(b)?i.values(b)[e]:NaN,[s,a,r]=[n("r2"),n("r2_low"),n("r2_high")],o=[s,r,t].filter(b=>Number.isFinite(b)),c=Math.min(0,Number.isFinite(a)?a:0,Number.isFinite(s)?s:0),l=Math.max(.1,...o)*1.05,d=b=>100*(b-c)/(l-c),h=Wn("svg",{viewBox:"0 0 100 12",preserveAspectRatio:"none","aria-hidden":"true"});h.append(Wn("rect",{x:d(0),y:2,width:Math.max(0,d(s)-d(0))||0,height:8,fill:Vn(wn("scores",.6))})),Number.isFinite(a)&&h.append(Wn("path",{d:`M${d(a)} 6H${d(r)}M${d(a)} 3v6M${d(r)} 3v6`,class:"whisker"})),Number.isFinite(t)&&h.append(Wn("path",{d:`M${d(t)} 0v12`,class:"ceiling"}));let f=z("dl",{}),u=(b,...y)=>f.append(z("dt",{},b),z("dd",{},...y));return u("test R\xB2",st(s)),i.has("r2_low")&&u("95 % interval",st(a)," to ",st(r)),Number.isFinite(t)&&u("noise ceiling",st(t)),i.has("r2_over_ceiling")&&u("R\xB2 / noise ceiling",st(n("r2_over_ceiling"),2)),i.has("q")&&u("q value (FDR)",st(n("q"))),z("div",{class:"score"},h,f)}function a1(i,e,t,n){let s=t.values("layer")[n];if(Number.isNaN(s))return null;let a=t.values("unit")[n],r=Kt(i,e.network).layers,o=e.units?.find(f=>f.layer===s&&f.unit===a),c=z("dl",{}),l=(f,u)=>c.append(z("dt",{},f),z("dd",{},u));l(`similarity (${e.metric??"unknown metric"}), training images`,st(t.values("similarity")[n])),l("similarity, held-out images",st(t.values("held_out")[n])),t.has("q")&&l("q value (FDR)",st(t.values("q")[n]));let d=o?.top.length?z("div",{class:"thumbs"},...o.top.map(f=>wl(i,f))):z("p",{class:"quiet"},"No images stored: few vertices match this unit best."),h=z("p",{class:"unit"},`unit ${a} of ${r[s]??`layer ${s+1}`}`,o?`, best match of ${o.vertices} vertices`:"");return Xn("Best-matching autoencoder unit",h,c,o?z("p",{class:"quiet"},"Images that activate it most:"):null,d)}function fh(i,e,t,n,s){let a=Number.isFinite(t)?[" (90 % interval: ",st(t,2)," to ",st(n,2),")"]:[];return z("p",{class:"quiet"},`${i}: `,st(e,2),s,...a)}function r1(i,e,t,n,s){if(i.meaning==="probability"){let r=t[n("layer")]??e,o=z("p",{class:"quiet"},`Probability that ${r} is the strongest: `,st(n("confidence"),2)),c=s?t[Array.from(s).indexOf(Math.max(...Array.from(s)))]:r;c&&c!==r&&o.append(`; ${c} is more probable, although its estimated weight is smaller`);let l=fh(`Expected level (0: first ${e}, 1: last)`,n("level"),n("level_low"),n("level_high"),"");return s?[o,l,z("h3",{},`Probability of being the strongest ${e}`),dh(s,t,e,null,"probabilities")]:[o,l]}let a=Number.isFinite(n("member_spread"))?z("p",{class:"quiet"},"Spread across seeds (total variation): ",st(n("member_spread"),2),`, from ${i.n_members} fits; whiskers: \xB1 1 standard deviation`):z("p",{class:"quiet"},"Fitted with one seed: spread unknown.");return[z("p",{class:"quiet"},"Confidence: ",st(n("confidence"),2)),a]}async function o1(i,e,t,n,s){let a=await bs(i,t.panel,"fit");if(!a)return[z("p",{class:"quiet"},"This network was not fitted to this subject.")];let{arrays:r,map:o}=a,{layers:c,axis:l}=Kt(i,o.network),d=[],h=f=>r.has(f)?r.values(f)[n]:NaN;if(r.has("r2")){let f=t.cortex.arrays.has("ceiling")?t.cortex.arrays.values("ceiling")[n]:NaN;d.push(Xn("Prediction accuracy",s1(r,n,f)))}if(r.has("layer_weights")){let f=r.shape("layer_weights")[1],u=b=>r.has(b)?r.values(b).subarray(n*f,(n+1)*f):null;d.push(Xn(l==="layer"?"Layer weights":`Weights of the ${l}s`,dh(u("layer_weights"),c,l,u("layer_spread")),...r1(o,l,c,h,u("probability"))))}if(r.has("space")&&Number.isFinite(h("scale"))){let f=r.values("space").subarray(2*n,2*n+2),u=h("size"),b=Number.isFinite(u);d.push(Xn("Receptive field",n1(i,o.frame,t.panel.subject,[f[0],f[1]],b?u:null,h("scale"),e,s),i1(h("scale")),b?fh("Size (standard deviation)",u,h("size_low"),h("size_high")," image widths"):null,z("p",{class:"quiet"},"Centre: x ",st(f[0],2),", y ",st(f[1],2),o.frame?.of==="window"?" (\u22121 to 1 across the square input of the network, y downward)":Math.max(Math.abs(f[0]),Math.abs(f[1]))>1?" (\u22121 to 1 across the image, y downward; in the padding outside the image)":" (\u22121 to 1 across the image, y downward)")))}return d}function c1(i,e,t,n,s){if(e.layout===1)return null;let a=t.map((r,o)=>{let c=aa(n.cortex,s,r.cortex),l=Kt(i,r.panel.network).layers,d=c===ft?"no data here":go(r,c,l,null);return z("tr",{},z("th",{scope:"row"},Hn[o]),z("td",{},`${r.panel.network}, ${r.panel.subject}`),z("td",{},d))});return Xn("This vertex in each panel",z("table",{class:"mini values"},z("tbody",{},...a)))}async function hh(i,e,t,n,s){let a=t[e.active],r=t.find(({cortex:f})=>f.subject.id===n.subject)??a,o=aa(r.cortex,n.row,a.cortex);if(o===ft)return[z("h2",{},"No data here"),z("p",{class:"quiet"},`There is no recording of ${a.panel.subject} at this vertex.`)];let c=a.cortex.regionsOf(o).map(f=>Gn(f,()=>s.chooseRegion(f),{class:"chip"})),l=a.cortex.sideOf(o),d=a.cortex.mesh?a.cortex.arrays.raw("vertex_index")[o]:o,h=await bs(i,a.panel,"dictionary");return[z("h2",{},`${l?`${l} `:""}vertex `,z("data",{value:d,id:"vertex-number"},String(d))),z("p",{class:"who"},`${a.panel.network} \xB7 ${a.panel.subject}`),z("p",{class:"chips"},...c.length?c:[z("span",{class:"quiet"},"outside all named regions")]),...await o1(i,e,a,o,s),h&&a1(i,h.map,h.arrays,o),c1(i,e,t,a,o)].filter(f=>f!==null)}async function uh(i,e,t){let n=e.panel.quantity==="sae-layer"?"dictionary":"fit",s=await bs(i,e.panel,n);return!s||e.painted.key.type!=="depth"?null:hl(s.arrays,t)}var ra=20;function El(i,e){if(!i)return NaN;let t=e.map(n=>i[n]).filter(n=>Number.isFinite(n));return t.length?t.reduce((n,s)=>n+s,0)/t.length:NaN}function l1(i,e){let t=e.map(h=>i.painted.values[h]).filter(h=>Number.isFinite(h)),{key:n}=i.painted,s=n.type==="bar"?[n.low,n.high]:n.type==="depth"?[0,1]:null,[a,r]=s??[Math.min(...t,0),Math.max(...t,.001)],o=new Array(ra).fill(0);for(let h of t){let f=Math.floor((h-a)/(r-a)*ra);o[Math.min(ra-1,Math.max(0,f))]++}let c=Math.max(1,...o),l=o.map((h,f)=>{let u=a+f*(r-a)/ra,b=z("i",{title:`${h} vertices in the bin from ${u.toFixed(3)}`,"data-count":h});return b.style.height=`${100*h/c}%`,n.type==="bar"&&(b.style.background=Vn(wn(n.palette,(f+.5)/ra))),b}),d=[a,(a+r)/2,r].map(h=>z("span",{},pn(h,2)));return z("div",{class:"histogram",role:"img","aria-label":`histogram of ${t.length} vertices`},z("div",{class:"columns"},...l),z("div",{class:"ends"},...d))}async function d1(i,e,t){let n=e.cortex.rowsIn(t),s=await bs(i,e.panel,"fit"),a=c=>s?.arrays.has(c)?s.arrays.values(c):null,r=a("layer_weights"),o=Kt(i,e.panel.network).layers.length;return[n.length,El(a("r2"),n),El(r&&ul(r,o),n),El(a("scale"),n)]}function f1(i,e,t){let n=o=>i?.columns.findIndex(c=>c.name===o)??-1,s=["backbone","readout","r2_mean","r2_mean_low","r2_mean_high"].map(n);if(!i||s[0]<0||s[2]<0||n("roi")<0)return null;let a=i.rows.filter(o=>o[n("roi")]===e&&(n("subject")<0||o[n("subject")]===t));if(!a.length)return null;a.sort((o,c)=>Number(c[s[2]])-Number(o[s[2]]));let r=a.map(o=>{let c=l=>l<0?NaN:Number(o[s[l]]??NaN);return z("tr",{},z("th",{scope:"row"},`${o[s[0]]}`,z("small",{},s[1]<0?"":` ${o[s[1]]}`)),z("td",{},st(c(2))),z("td",{class:"quiet"},`${pn(c(3))} to ${pn(c(4))}`))});return Xn(`Brain score, ${t}`,z("table",{class:"mini"},z("thead",{},z("tr",{},...["network","R\xB2","interval"].map(o=>z("th",{scope:"col"},o)))),z("tbody",{},...r)))}function h1(i,e,t){let n=i.cortex.subject.rois.map(s=>Gn(s,()=>t(s===e?null:s),{class:"chip","aria-pressed":s===e}));return z("div",{class:"chips"},...n)}async function ph(i,e,t,n){let s=t[e.active],{roi:a}=e,r=[z("h2",{},a??"Regions"),h1(s,a,n)];if(!s.cortex.subject.rois.length)return[r[0],z("p",{class:"quiet"},"No regions of interest were provided for this subject.")];if(!a)return[...r,z("p",{class:"quiet"},"Choose a region here, or click its name on the cortex.")];let o=z("tbody",{}),c=[];for(let[d,h]of t.entries()){let[f,u,b,y]=await d1(i,h,a);o.append(z("tr",{},z("th",{scope:"row",title:`${h.panel.network}, ${h.panel.subject}`},`${Hn[d]} ${h.panel.network}`),z("td",{},String(f)),...[u,b,y].map(p=>z("td",{},st(p,2))))),c.push(Xn(`${Hn[d]}: ${h.painted.key.type==="bar"?h.painted.key.title:h.title}`,l1(h,h.cortex.rowsIn(a))))}let l=["","vertices","R\xB2","depth","scale"];return[...r,Xn("Means",z("table",{class:"mini"},z("thead",{},z("tr",{},...l.map(d=>z("th",{scope:"col"},d)))),o)),...c,...[f1(i.tables.find(({id:d})=>d==="brain_score"),a,s.panel.subject)].filter(d=>d!==null)]}var mh={type:"change"},Al={type:"start"},gh={type:"end"},yo=new Un,bh=new qt,u1=Math.cos(70*Oc.DEG2RAD),xt=new D,Gt=2*Math.PI,$e={NONE:-1,ROTATE:0,DOLLY:1,PAN:2,TOUCH_ROTATE:3,TOUCH_PAN:4,TOUCH_DOLLY_PAN:5,TOUCH_DOLLY_ROTATE:6},Tl=1e-6,vo=class extends Ws{constructor(e,t=null){super(e,t),this.state=$e.NONE,this.target=new D,this.cursor=new D,this.minDistance=0,this.maxDistance=1/0,this.minZoom=0,this.maxZoom=1/0,this.minTargetRadius=0,this.maxTargetRadius=1/0,this.minPolarAngle=0,this.maxPolarAngle=Math.PI,this.minAzimuthAngle=-1/0,this.maxAzimuthAngle=1/0,this.enableDamping=!1,this.dampingFactor=.05,this.enableZoom=!0,this.zoomSpeed=1,this.enableRotate=!0,this.rotateSpeed=1,this.keyRotateSpeed=1,this.enablePan=!0,this.panSpeed=1,this.screenSpacePanning=!0,this.keyPanSpeed=7,this.zoomToCursor=!1,this.autoRotate=!1,this.autoRotateSpeed=2,this.keys={LEFT:"ArrowLeft",UP:"ArrowUp",RIGHT:"ArrowRight",BOTTOM:"ArrowDown"},this.mouseButtons={LEFT:ci.ROTATE,MIDDLE:ci.DOLLY,RIGHT:ci.PAN},this.touches={ONE:li.ROTATE,TWO:li.DOLLY_PAN},this.target0=this.target.clone(),this.position0=this.object.position.clone(),this.zoom0=this.object.zoom,this._cursorStyle="auto",this._domElementKeyEvents=null,this._lastPosition=new D,this._lastQuaternion=new $t,this._lastTargetPosition=new D,this._quat=new $t().setFromUnitVectors(e.up,new D(0,1,0)),this._quatInverse=this._quat.clone().invert(),this._spherical=new ss,this._sphericalDelta=new ss,this._scale=1,this._panOffset=new D,this._rotateStart=new Re,this._rotateEnd=new Re,this._rotateDelta=new Re,this._panStart=new Re,this._panEnd=new Re,this._panDelta=new Re,this._dollyStart=new Re,this._dollyEnd=new Re,this._dollyDelta=new Re,this._dollyDirection=new D,this._mouse=new Re,this._performCursorZoom=!1,this._pointers=[],this._pointerPositions={},this._controlActive=!1,this._onPointerMove=m1.bind(this),this._onPointerDown=p1.bind(this),this._onPointerUp=b1.bind(this),this._onContextMenu=S1.bind(this),this._onMouseWheel=x1.bind(this),this._onKeyDown=y1.bind(this),this._onTouchStart=v1.bind(this),this._onTouchMove=M1.bind(this),this._onMouseDown=g1.bind(this),this._onMouseMove=_1.bind(this),this._interceptControlDown=w1.bind(this),this._interceptControlUp=E1.bind(this),this.domElement!==null&&this.connect(this.domElement),this.update()}set cursorStyle(e){this._cursorStyle=e,e==="grab"?this.domElement.style.cursor="grab":this.domElement.style.cursor="auto"}get cursorStyle(){return this._cursorStyle}connect(e){super.connect(e),this.domElement.addEventListener("pointerdown",this._onPointerDown),this.domElement.addEventListener("pointercancel",this._onPointerUp),this.domElement.addEventListener("contextmenu",this._onContextMenu),this.domElement.addEventListener("wheel",this._onMouseWheel,{passive:!1}),this.domElement.ownerDocument.addEventListener("keydown",this._interceptControlDown,{passive:!0,capture:!0}),this.domElement.style.touchAction="none"}disconnect(){this.state=$e.NONE,this.domElement.removeEventListener("pointerdown",this._onPointerDown),this.domElement.ownerDocument.removeEventListener("pointermove",this._onPointerMove),this.domElement.ownerDocument.removeEventListener("pointerup",this._onPointerUp),this.domElement.removeEventListener("pointercancel",this._onPointerUp),this.domElement.removeEventListener("wheel",this._onMouseWheel),this.domElement.removeEventListener("contextmenu",this._onContextMenu),this.stopListenToKeyEvents(),this.domElement.ownerDocument.removeEventListener("keydown",this._interceptControlDown,{capture:!0}),this.domElement.ownerDocument.removeEventListener("keyup",this._interceptControlUp,{capture:!0}),this._controlActive=!1,this._pointers.length=0,this._pointerPositions={},this.domElement.style.touchAction="",this.domElement.style.cursor="auto"}dispose(){this.disconnect()}getPolarAngle(){return this._spherical.phi}getAzimuthalAngle(){return this._spherical.theta}getDistance(){return this.object.position.distanceTo(this.target)}listenToKeyEvents(e){e.addEventListener("keydown",this._onKeyDown),this._domElementKeyEvents=e}stopListenToKeyEvents(){this._domElementKeyEvents!==null&&(this._domElementKeyEvents.removeEventListener("keydown",this._onKeyDown),this._domElementKeyEvents=null)}saveState(){this.target0.copy(this.target),this.position0.copy(this.object.position),this.zoom0=this.object.zoom}reset(){this.target.copy(this.target0),this.object.position.copy(this.position0),this.object.zoom=this.zoom0,this.object.updateProjectionMatrix(),this.dispatchEvent(mh),this.update(),this.state=$e.NONE}pan(e,t){this._pan(e,t),this.update()}dollyIn(e){this._dollyIn(e),this.update()}dollyOut(e){this._dollyOut(e),this.update()}rotateLeft(e){this._rotateLeft(e),this.update()}rotateUp(e){this._rotateUp(e),this.update()}update(e=null){let t=this.object.position;xt.copy(t).sub(this.target),xt.applyQuaternion(this._quat),this._spherical.setFromVector3(xt),this.autoRotate&&this.state===$e.NONE&&this._rotateLeft(this._getAutoRotationAngle(e)),this.enableDamping?(this._spherical.theta+=this._sphericalDelta.theta*this.dampingFactor,this._spherical.phi+=this._sphericalDelta.phi*this.dampingFactor):(this._spherical.theta+=this._sphericalDelta.theta,this._spherical.phi+=this._sphericalDelta.phi);let n=this.minAzimuthAngle,s=this.maxAzimuthAngle;isFinite(n)&&isFinite(s)&&(n<-Math.PI?n+=Gt:n>Math.PI&&(n-=Gt),s<-Math.PI?s+=Gt:s>Math.PI&&(s-=Gt),n<=s?this._spherical.theta=Math.max(n,Math.min(s,this._spherical.theta)):this._spherical.theta=this._spherical.theta>(n+s)/2?Math.max(n,this._spherical.theta):Math.min(s,this._spherical.theta)),this._spherical.phi=Math.max(this.minPolarAngle,Math.min(this.maxPolarAngle,this._spherical.phi)),this._spherical.makeSafe(),this.enableDamping===!0?this.target.addScaledVector(this._panOffset,this.dampingFactor):this.target.add(this._panOffset),this.target.sub(this.cursor),this.target.clampLength(this.minTargetRadius,this.maxTargetRadius),this.target.add(this.cursor);let a=!1;if(this.zoomToCursor&&this._performCursorZoom||this.object.isOrthographicCamera)this._spherical.radius=this._clampDistance(this._spherical.radius);else{let r=this._spherical.radius;this._spherical.radius=this._clampDistance(this._spherical.radius*this._scale),a=r!=this._spherical.radius}if(xt.setFromSpherical(this._spherical),xt.applyQuaternion(this._quatInverse),t.copy(this.target).add(xt),this.object.lookAt(this.target),this.enableDamping===!0?(this._sphericalDelta.theta*=1-this.dampingFactor,this._sphericalDelta.phi*=1-this.dampingFactor,this._panOffset.multiplyScalar(1-this.dampingFactor)):(this._sphericalDelta.set(0,0,0),this._panOffset.set(0,0,0)),this.zoomToCursor&&this._performCursorZoom){let r=null;if(this.object.isPerspectiveCamera){let o=xt.length();r=this._clampDistance(o*this._scale);let c=o-r;this.object.position.addScaledVector(this._dollyDirection,c),this.object.updateMatrixWorld(),a=!!c}else if(this.object.isOrthographicCamera){let o=new D(this._mouse.x,this._mouse.y,0);o.unproject(this.object);let c=this.object.zoom;this.object.zoom=Math.max(this.minZoom,Math.min(this.maxZoom,this.object.zoom/this._scale)),this.object.updateProjectionMatrix(),a=c!==this.object.zoom;let l=new D(this._mouse.x,this._mouse.y,0);l.unproject(this.object),this.object.position.sub(l).add(o),this.object.updateMatrixWorld(),r=xt.length()}else console.warn("WARNING: OrbitControls.js encountered an unknown camera type - zoom to cursor disabled."),this.zoomToCursor=!1;r!==null&&(this.screenSpacePanning?this.target.set(0,0,-1).transformDirection(this.object.matrix).multiplyScalar(r).add(this.object.position):(yo.origin.copy(this.object.position),yo.direction.set(0,0,-1).transformDirection(this.object.matrix),Math.abs(this.object.up.dot(yo.direction))<u1?this.object.lookAt(this.target):(bh.setFromNormalAndCoplanarPoint(this.object.up,this.target),yo.intersectPlane(bh,this.target))))}else if(this.object.isOrthographicCamera){let r=this.object.zoom;this.object.zoom=Math.max(this.minZoom,Math.min(this.maxZoom,this.object.zoom/this._scale)),r!==this.object.zoom&&(this.object.updateProjectionMatrix(),a=!0)}return this._scale=1,this._performCursorZoom=!1,a||this._lastPosition.distanceToSquared(this.object.position)>Tl||8*(1-this._lastQuaternion.dot(this.object.quaternion))>Tl||this._lastTargetPosition.distanceToSquared(this.target)>Tl?(this.dispatchEvent(mh),this._lastPosition.copy(this.object.position),this._lastQuaternion.copy(this.object.quaternion),this._lastTargetPosition.copy(this.target),!0):!1}_getAutoRotationAngle(e){return e!==null?Gt/60*this.autoRotateSpeed*e:Gt/60/60*this.autoRotateSpeed}_getZoomScale(e){let t=Math.abs(e*.01);return Math.pow(.95,this.zoomSpeed*t)}_rotateLeft(e){this._sphericalDelta.theta-=e}_rotateUp(e){this._sphericalDelta.phi-=e}_panLeft(e,t){xt.setFromMatrixColumn(t,0),xt.multiplyScalar(-e),this._panOffset.add(xt)}_panUp(e,t){this.screenSpacePanning===!0?xt.setFromMatrixColumn(t,1):(xt.setFromMatrixColumn(t,0),xt.crossVectors(this.object.up,xt)),xt.multiplyScalar(e),this._panOffset.add(xt)}_pan(e,t){let n=this.domElement;if(this.object.isPerspectiveCamera){let s=this.object.position;xt.copy(s).sub(this.target);let a=xt.length();a*=Math.tan(this.object.fov/2*Math.PI/180),this._panLeft(2*e*a/n.clientHeight,this.object.matrix),this._panUp(2*t*a/n.clientHeight,this.object.matrix)}else this.object.isOrthographicCamera?(this._panLeft(e*(this.object.right-this.object.left)/this.object.zoom/n.clientWidth,this.object.matrix),this._panUp(t*(this.object.top-this.object.bottom)/this.object.zoom/n.clientHeight,this.object.matrix)):(console.warn("WARNING: OrbitControls.js encountered an unknown camera type - pan disabled."),this.enablePan=!1)}_dollyOut(e){this.object.isPerspectiveCamera||this.object.isOrthographicCamera?this._scale/=e:(console.warn("WARNING: OrbitControls.js encountered an unknown camera type - dolly/zoom disabled."),this.enableZoom=!1)}_dollyIn(e){this.object.isPerspectiveCamera||this.object.isOrthographicCamera?this._scale*=e:(console.warn("WARNING: OrbitControls.js encountered an unknown camera type - dolly/zoom disabled."),this.enableZoom=!1)}_updateZoomParameters(e,t){if(!this.zoomToCursor)return;this._performCursorZoom=!0;let n=this.domElement.getBoundingClientRect(),s=e-n.left,a=t-n.top,r=n.width,o=n.height;this._mouse.x=s/r*2-1,this._mouse.y=-(a/o)*2+1,this._dollyDirection.set(this._mouse.x,this._mouse.y,1).unproject(this.object).sub(this.object.position).normalize()}_clampDistance(e){return Math.max(this.minDistance,Math.min(this.maxDistance,e))}_handleMouseDownRotate(e){this._rotateStart.set(e.clientX,e.clientY)}_handleMouseDownDolly(e){this._updateZoomParameters(e.clientX,e.clientY),this._dollyStart.set(e.clientX,e.clientY)}_handleMouseDownPan(e){this._panStart.set(e.clientX,e.clientY)}_handleMouseMoveRotate(e){this._rotateEnd.set(e.clientX,e.clientY),this._rotateDelta.subVectors(this._rotateEnd,this._rotateStart).multiplyScalar(this.rotateSpeed);let t=this.domElement;this._rotateLeft(Gt*this._rotateDelta.x/t.clientHeight),this._rotateUp(Gt*this._rotateDelta.y/t.clientHeight),this._rotateStart.copy(this._rotateEnd),this.update()}_handleMouseMoveDolly(e){this._dollyEnd.set(e.clientX,e.clientY),this._dollyDelta.subVectors(this._dollyEnd,this._dollyStart),this._dollyDelta.y>0?this._dollyOut(this._getZoomScale(this._dollyDelta.y)):this._dollyDelta.y<0&&this._dollyIn(this._getZoomScale(this._dollyDelta.y)),this._dollyStart.copy(this._dollyEnd),this.zoomToCursor&&(this._performCursorZoom=!0,this._dollyDirection.set(this._mouse.x,this._mouse.y,1).unproject(this.object).sub(this.object.position).normalize()),this.update()}_handleMouseMovePan(e){this._panEnd.set(e.clientX,e.clientY),this._panDelta.subVectors(this._panEnd,this._panStart).multiplyScalar(this.panSpeed),this._pan(this._panDelta.x,this._panDelta.y),this._panStart.copy(this._panEnd),this.update()}_handleMouseWheel(e){this._updateZoomParameters(e.clientX,e.clientY),e.deltaY<0?this._dollyIn(this._getZoomScale(e.deltaY)):e.deltaY>0&&this._dollyOut(this._getZoomScale(e.deltaY)),this.update()}_handleKeyDown(e){let t=!1;switch(e.code){case this.keys.UP:e.ctrlKey||e.metaKey||e.shiftKey?this.enableRotate&&this._rotateUp(Gt*this.keyRotateSpeed/this.domElement.clientHeight):this.enablePan&&this._pan(0,this.keyPanSpeed),t=!0;break;case this.keys.BOTTOM:e.ctrlKey||e.metaKey||e.shiftKey?this.enableRotate&&this._rotateUp(-Gt*this.keyRotateSpeed/this.domElement.clientHeight):this.enablePan&&this._pan(0,-this.keyPanSpeed),t=!0;break;case this.keys.LEFT:e.ctrlKey||e.metaKey||e.shiftKey?this.enableRotate&&this._rotateLeft(Gt*this.keyRotateSpeed/this.domElement.clientHeight):this.enablePan&&this._pan(this.keyPanSpeed,0),t=!0;break;case this.keys.RIGHT:e.ctrlKey||e.metaKey||e.shiftKey?this.enableRotate&&this._rotateLeft(-Gt*this.keyRotateSpeed/this.domElement.clientHeight):this.enablePan&&this._pan(-this.keyPanSpeed,0),t=!0;break}t&&(e.preventDefault(),this.update())}_handleTouchStartRotate(e){if(this._pointers.length===1)this._rotateStart.set(e.pageX,e.pageY);else{let t=this._getSecondPointerPosition(e),n=.5*(e.pageX+t.x),s=.5*(e.pageY+t.y);this._rotateStart.set(n,s)}}_handleTouchStartPan(e){if(this._pointers.length===1)this._panStart.set(e.pageX,e.pageY);else{let t=this._getSecondPointerPosition(e),n=.5*(e.pageX+t.x),s=.5*(e.pageY+t.y);this._panStart.set(n,s)}}_handleTouchStartDolly(e){let t=this._getSecondPointerPosition(e),n=e.pageX-t.x,s=e.pageY-t.y,a=Math.sqrt(n*n+s*s);this._dollyStart.set(0,a)}_handleTouchStartDollyPan(e){this.enableZoom&&this._handleTouchStartDolly(e),this.enablePan&&this._handleTouchStartPan(e)}_handleTouchStartDollyRotate(e){this.enableZoom&&this._handleTouchStartDolly(e),this.enableRotate&&this._handleTouchStartRotate(e)}_handleTouchMoveRotate(e){if(this._pointers.length==1)this._rotateEnd.set(e.pageX,e.pageY);else{let n=this._getSecondPointerPosition(e),s=.5*(e.pageX+n.x),a=.5*(e.pageY+n.y);this._rotateEnd.set(s,a)}this._rotateDelta.subVectors(this._rotateEnd,this._rotateStart).multiplyScalar(this.rotateSpeed);let t=this.domElement;this._rotateLeft(Gt*this._rotateDelta.x/t.clientHeight),this._rotateUp(Gt*this._rotateDelta.y/t.clientHeight),this._rotateStart.copy(this._rotateEnd)}_handleTouchMovePan(e){if(this._pointers.length===1)this._panEnd.set(e.pageX,e.pageY);else{let t=this._getSecondPointerPosition(e),n=.5*(e.pageX+t.x),s=.5*(e.pageY+t.y);this._panEnd.set(n,s)}this._panDelta.subVectors(this._panEnd,this._panStart).multiplyScalar(this.panSpeed),this._pan(this._panDelta.x,this._panDelta.y),this._panStart.copy(this._panEnd)}_handleTouchMoveDolly(e){let t=this._getSecondPointerPosition(e),n=e.pageX-t.x,s=e.pageY-t.y,a=Math.sqrt(n*n+s*s);this._dollyEnd.set(0,a),this._dollyDelta.set(0,Math.pow(this._dollyEnd.y/this._dollyStart.y,this.zoomSpeed)),this._dollyOut(this._dollyDelta.y),this._dollyStart.copy(this._dollyEnd);let r=(e.pageX+t.x)*.5,o=(e.pageY+t.y)*.5;this._updateZoomParameters(r,o)}_handleTouchMoveDollyPan(e){this.enableZoom&&this._handleTouchMoveDolly(e),this.enablePan&&this._handleTouchMovePan(e)}_handleTouchMoveDollyRotate(e){this.enableZoom&&this._handleTouchMoveDolly(e),this.enableRotate&&this._handleTouchMoveRotate(e)}_addPointer(e){this._pointers.push(e.pointerId)}_removePointer(e){delete this._pointerPositions[e.pointerId];for(let t=0;t<this._pointers.length;t++)if(this._pointers[t]==e.pointerId){this._pointers.splice(t,1);return}}_isTrackingPointer(e){for(let t=0;t<this._pointers.length;t++)if(this._pointers[t]==e.pointerId)return!0;return!1}_trackPointer(e){let t=this._pointerPositions[e.pointerId];t===void 0&&(t=new Re,this._pointerPositions[e.pointerId]=t),t.set(e.pageX,e.pageY)}_getSecondPointerPosition(e){let t=e.pointerId===this._pointers[0]?this._pointers[1]:this._pointers[0];return this._pointerPositions[t]}_customWheelEvent(e){let t=e.deltaMode,n={clientX:e.clientX,clientY:e.clientY,deltaY:e.deltaY};switch(t){case 1:n.deltaY*=16;break;case 2:n.deltaY*=100;break}return e.ctrlKey&&!this._controlActive&&(n.deltaY*=10),n}};function p1(i){this.enabled!==!1&&(this._pointers.length===0&&(this.domElement.setPointerCapture(i.pointerId),this.domElement.ownerDocument.addEventListener("pointermove",this._onPointerMove),this.domElement.ownerDocument.addEventListener("pointerup",this._onPointerUp)),!this._isTrackingPointer(i)&&(this._addPointer(i),i.pointerType==="touch"?this._onTouchStart(i):this._onMouseDown(i),this._cursorStyle==="grab"&&(this.domElement.style.cursor="grabbing")))}function m1(i){this.enabled!==!1&&(i.pointerType==="touch"?this._onTouchMove(i):this._onMouseMove(i))}function b1(i){switch(this._removePointer(i),this._pointers.length){case 0:this.domElement.releasePointerCapture(i.pointerId),this.domElement.ownerDocument.removeEventListener("pointermove",this._onPointerMove),this.domElement.ownerDocument.removeEventListener("pointerup",this._onPointerUp),this.dispatchEvent(gh),this.state=$e.NONE,this._cursorStyle==="grab"&&(this.domElement.style.cursor="grab");break;case 1:let e=this._pointers[0],t=this._pointerPositions[e];this._onTouchStart({pointerId:e,pageX:t.x,pageY:t.y});break}}function g1(i){let e;switch(i.button){case 0:e=this.mouseButtons.LEFT;break;case 1:e=this.mouseButtons.MIDDLE;break;case 2:e=this.mouseButtons.RIGHT;break;default:e=-1}switch(e){case ci.DOLLY:if(this.enableZoom===!1)return;this._handleMouseDownDolly(i),this.state=$e.DOLLY;break;case ci.ROTATE:if(i.ctrlKey||i.metaKey||i.shiftKey){if(this.enablePan===!1)return;this._handleMouseDownPan(i),this.state=$e.PAN}else{if(this.enableRotate===!1)return;this._handleMouseDownRotate(i),this.state=$e.ROTATE}break;case ci.PAN:if(i.ctrlKey||i.metaKey||i.shiftKey){if(this.enableRotate===!1)return;this._handleMouseDownRotate(i),this.state=$e.ROTATE}else{if(this.enablePan===!1)return;this._handleMouseDownPan(i),this.state=$e.PAN}break;default:this.state=$e.NONE}this.state!==$e.NONE&&this.dispatchEvent(Al)}function _1(i){switch(this.state){case $e.ROTATE:if(this.enableRotate===!1)return;this._handleMouseMoveRotate(i);break;case $e.DOLLY:if(this.enableZoom===!1)return;this._handleMouseMoveDolly(i);break;case $e.PAN:if(this.enablePan===!1)return;this._handleMouseMovePan(i);break}}function x1(i){this.enabled===!1||this.enableZoom===!1||this.state!==$e.NONE||(i.preventDefault(),this.dispatchEvent(Al),this._handleMouseWheel(this._customWheelEvent(i)),this.dispatchEvent(gh))}function y1(i){this.enabled!==!1&&this._handleKeyDown(i)}function v1(i){switch(this._trackPointer(i),this._pointers.length){case 1:switch(this.touches.ONE){case li.ROTATE:if(this.enableRotate===!1){this.state=$e.NONE;break}this._handleTouchStartRotate(i),this.state=$e.TOUCH_ROTATE;break;case li.PAN:if(this.enablePan===!1){this.state=$e.NONE;break}this._handleTouchStartPan(i),this.state=$e.TOUCH_PAN;break;default:this.state=$e.NONE}break;case 2:switch(this.touches.TWO){case li.DOLLY_PAN:if(this.enableZoom===!1&&this.enablePan===!1)return;this._handleTouchStartDollyPan(i),this.state=$e.TOUCH_DOLLY_PAN;break;case li.DOLLY_ROTATE:if(this.enableZoom===!1&&this.enableRotate===!1)return;this._handleTouchStartDollyRotate(i),this.state=$e.TOUCH_DOLLY_ROTATE;break;default:this.state=$e.NONE}break;default:this.state=$e.NONE}this.state!==$e.NONE&&this.dispatchEvent(Al)}function M1(i){switch(this._trackPointer(i),this.state){case $e.TOUCH_ROTATE:if(this.enableRotate===!1)return;this._handleTouchMoveRotate(i),this.update();break;case $e.TOUCH_PAN:if(this.enablePan===!1)return;this._handleTouchMovePan(i),this.update();break;case $e.TOUCH_DOLLY_PAN:if(this.enableZoom===!1&&this.enablePan===!1)return;this._handleTouchMoveDollyPan(i),this.update();break;case $e.TOUCH_DOLLY_ROTATE:if(this.enableZoom===!1&&this.enableRotate===!1)return;this._handleTouchMoveDollyRotate(i),this.update();break;default:this.state=$e.NONE}}function S1(i){this.enabled!==!1&&i.preventDefault()}function w1(i){i.key==="Control"&&(this._controlActive=!0,this.domElement.ownerDocument.addEventListener("keyup",this._interceptControlUp,{passive:!0,capture:!0}))}function E1(i){i.key==="Control"&&(this._controlActive=!1,this.domElement.ownerDocument.removeEventListener("keyup",this._interceptControlUp,{passive:!0,capture:!0}))}var T1=[40962,10242,2562],_h=new WeakMap;function A1(i,e,t){let n=l=>l-e>=t,s=(l,d)=>(l<d?l:d)*67108864+(l<d?d:l),a=new Map;for(let l=0;l<i.length;l+=3){let[d,h,f]=[i[l],i[l+1],i[l+2]];Number(n(d))+Number(n(h))+Number(n(f))===2&&(n(d)?n(h)?a.set(s(d,h),f):a.set(s(d,f),h):a.set(s(h,f),d))}let r=[],o=new Set,c=[];for(let l=0;l<i.length;l+=3){let[d,h,f]=[i[l],i[l+1],i[l+2]];if(!(n(d)&&n(h)&&n(f)))continue;let u=[s(h,f),s(f,d),s(d,h)],b=u.map(y=>a.get(y));if(b.includes(void 0)){c.push(d,h,f);continue}r.push(...b);for(let y of u)o.add(y)}for(let l=0;l<i.length;l+=3){let[d,h,f]=[i[l],i[l+1],i[l+2]],u=[d,h,f].filter(n);u.length!==3&&(u.length===2&&o.has(s(u[0],u[1]))||c.push(d,h,f))}return[...r,...c]}function xh(i){let e=_h.get(i);if(!e){let t=i.position.count/2,n=i.index.array,s=[n.slice(0,i.nLeft),n.slice(i.nLeft)].map((a,r)=>T1.filter(o=>o<t).reduce((o,c)=>A1(o,r*t,c),Array.from(a)));e={index:new dt(new Uint32Array(s.flat()),1),nLeft:s[0].length},_h.set(i,e)}return e}var C1=6,R1=.74*Math.PI,P1=.32*Math.PI,I1={light:1842206,dark:15921908},L1={light:0,dark:16777215};function N1(i){i.traverse(e=>{(e instanceof kt||e instanceof Qi||e instanceof ts)&&(e.geometry.dispose(),e.material.dispose())}),i.clear()}function yh(i,e){let t=i.boxes.filter((a,r)=>e!==(r?"left":"right")),n=[0,1,2].map(a=>Math.min(...t.map(r=>r[a]))),s=[0,1,2].map(a=>Math.max(...t.map(r=>r[a+3])));return{middle:new D(...n.map((a,r)=>(a+s[r])/2)),size:s.map((a,r)=>a-n[r])}}function D1(i,e,t){let n=e.boxes.map(()=>[1/0,1/0,1/0,-1/0,-1/0,-1/0]),s=e.position.array,a=i.rowOf.length/2;for(let l of i.vertexOf){let d=n[l<a?0:1];for(let h=0;h<3;h++)d[h]=Math.min(d[h],s[3*l+h]),d[h+3]=Math.max(d[h+3],s[3*l+h])}let r=n.every(l=>l[0]<=l[3])?{...e,boxes:n}:e,{middle:o,size:c}=yh(r,t);return{middle:o,size:c.map(l=>l+2*C1)}}var Mo=class{constructor(e,t,n,s,a){this.element=e;let r=(o,c)=>{let l=new vo(o,e);return l.target=c,l.minZoom=.4,l.maxZoom=24,l.addEventListener("change",a),l};this.orbits={folded:r(t,s[0]),flat:r(n,s[1])},this.orbits.folded.enablePan=!1,this.orbits.flat.enableRotate=!1,this.orbits.flat.screenSpacePanning=!0,this.orbits.flat.mouseButtons.LEFT=this.orbits.flat.mouseButtons.RIGHT,this.orbits.flat.touches.ONE=1,this.steer()}element;scene=new Ps;light=new Vs(16777215,P1);content=null;shape=null;body=null;borders=new Map;half=[1,1];orbits;get isFlat(){return this.content!==null&&this.content.cortex.surface(this.content.surface)==="flat"}steer(){this.orbits.folded.enabled=!this.isFlat,this.orbits.flat.enabled=this.isFlat}show(e){N1(this.scene),this.borders.clear(),this.content=e;let{cortex:t,surface:n,hemispheres:s}=e,a=t.shape(n);this.shape=a;let{middle:r,size:o}=this.isFlat&&a.index?D1(t,a,s):yh(a,s);this.half=this.isFlat||t.kind!=="mesh"?[o[0]/2,o[1]/2]:[Math.max(o[0],o[1])/2,o[2]/2],t.kind==="points"&&(this.half=[Math.hypot(...o)/2,Math.hypot(...o)/2]),this.body=a.index?this.surfaceBody(a):this.pointBody(a,e),this.scene.add(this.body,new Gs(16777215,R1),this.light),this.divide(!1),this.scene.position.copy(r).negate(),this.scene.updateMatrixWorld(!0),this.steer()}divide(e){if(!(this.body instanceof kt)||!this.shape?.index||!this.content)return;let t=e?xh(this.shape):{index:this.shape.index,nLeft:this.shape.nLeft},{geometry:n}=this.body;if(n.index===t.index)return;n.setIndex(t.index);let{hemispheres:s,outlines:a}=this.content;if(n.setDrawRange(s==="right"?t.nLeft:0,s==="left"?t.nLeft:1/0),!!a){if(!this.borders.has(e)){let r=this.lines(this.content,{...this.shape,...t});this.borders.set(e,r),this.scene.add(r),r.updateMatrixWorld(!0)}for(let[r,o]of this.borders)o.visible=r===e}}surfaceBody(e){let t=new zt;t.setAttribute("position",e.position),t.setAttribute("normal",e.normal),t.setAttribute("color",new dt(this.content.colours,4,!0));let n={vertexColors:!0,polygonOffset:!0,polygonOffsetFactor:1,polygonOffsetUnits:2};return new kt(t,this.isFlat?new Ki(n):new Fs(n))}pointBody(e,t){let n=new zt;n.setAttribute("position",e.position),n.setAttribute("color",new dt(t.colours,4,!0));let s=Math.max(2,Math.min(14,420/Math.sqrt(e.position.count)));return new ts(n,new es({vertexColors:!0,size:s,sizeAttenuation:!1}))}lines({cortex:e,roi:t,dark:n,hemispheres:s},a){let r=new In,o=f=>{if(s==="both")return f;let[u,b]=[f.length/2,f.slice()];return s==="left"?b.fill(0,u):b.fill(0,0,u)},c=n?"dark":"light",l=(f,u,b)=>{let y=new zt;y.setAttribute("position",new dt(new Float32Array(f),3)),r.add(new Qi(y,new ji({color:u,transparent:!0,opacity:b})))},d=_o(e);if(l(d.flatMap(({mask:f})=>Ml(a,o(f))),I1[c],t?.35:.7),!t)return r;let h=new Uint8Array(e.rowOf.length);for(let f of e.rowsIn(t))h[e.vertexOf[f]]=1;return l(Ml(a,o(h)),L1[c],1),r}};ke.enabled=!1;var qn=1e3,U1=1.06,Mh=2,vh=[{dots:Mh,joined:!1},{dots:1,joined:!1},{dots:1,joined:!0},{dots:.6,joined:!0}],O1=2,F1=/swiftshader|llvmpipe|software/i,B1=40,z1=220,k1=14,So=class{constructor(e,t){this.canvas=e;try{this.renderer=new so({canvas:e,antialias:!1,alpha:!1})}catch{throw new Error("This browser does not provide WebGL, which this page needs. Enable WebGL in its settings, or use another browser.")}this.renderer.outputColorSpace=yi;let n=this.renderer.getContext(),s=n.getExtension("WEBGL_debug_renderer_info"),a=s?String(n.getParameter(s.UNMASKED_RENDERER_WEBGL)):"";F1.test(a)&&(this.level=O1),this.renderer.autoClear=!1,this.renderer.info.autoReset=!1,this.folded.up.set(0,0,1),this.folded.position.set(0,-qn,0),this.flat.position.set(0,0,qn);let r=()=>this.moved();this.slots=t.map(o=>new Mo(o,this.folded,this.flat,this.targets,r))}canvas;renderer;folded=new oi(-1,1,1,-1,0,2*qn);flat=new oi(-1,1,1,-1,0,2*qn);slots;onFrame=()=>{};onMove=()=>{};targets=[new D,new D];waiting=!1;quiet=!1;visible=1;level=0;slow=0;last=0;rest=0;turning=!1;fine=!1;draw(){this.fine=!1,clearTimeout(this.rest),this.rest=window.setTimeout(()=>this.refine(),z1),!this.waiting&&(this.waiting=!0,requestAnimationFrame(()=>{this.waiting=!1,this.render(),this.onFrame()}))}paper(e){this.renderer.setClearColor(e)}layout(e){this.visible=e,this.draw()}place(e,t){this.quiet=!0;let[n,s,a]=e,r=Math.sin(s)*qn;this.folded.position.set(r*Math.sin(n),-r*Math.cos(n),Math.cos(s)*qn),this.folded.zoom=a,this.flat.position.set(t[0],t[1],qn),this.targets[1].set(t[0],t[1],0),this.flat.zoom=t[2];for(let{orbits:o}of this.slots)o.folded.update(),o.flat.update();this.quiet=!1,this.draw()}where(){let{x:e,y:t,z:n}=this.folded.position,s=Math.acos(Math.min(1,Math.max(-1,n/Math.hypot(e,t,n))));return{camera:[Math.atan2(e,-t),s,this.folded.zoom],flat:[this.targets[1].x,this.targets[1].y,this.flat.zoom]}}render(){this.turning&&this.pace();let{dots:e,joined:t}=vh[this.level],n=this.fine?Mh:e;this.renderer.getPixelRatio()!==n&&this.renderer.setPixelRatio(n);let{width:s,height:a,left:r,top:o}=this.canvas.getBoundingClientRect(),c=this.renderer.getSize(new Re);(c.x!==Math.floor(s)||c.y!==Math.floor(a))&&this.renderer.setSize(s,a,!1),this.renderer.info.reset(),this.renderer.setScissorTest(!1),this.renderer.clear(),this.renderer.setScissorTest(!0);for(let l of this.slots.slice(0,this.visible)){if(!l.content)continue;l.divide(t&&this.turning);let d=l.element.getBoundingClientRect(),h=[d.left-r,a-(d.bottom-o),d.width,d.height];this.renderer.setViewport(...h),this.renderer.setScissor(...h);let f=this.cameraOf(l,d);l.light.position.copy(f.position).sub(l.scene.position),l.light.position.addScaledVector(f.up,.25*qn),this.renderer.render(l.scene,f)}this.canvas.dataset.triangles=String(this.renderer.info.render.triangles)}pick(e,t,n){if(!e.body||!e.shape||!e.content)return null;let s=e.element.getBoundingClientRect(),a=new Re((t-s.left)/s.width*2-1,1-(n-s.top)/s.height*2);if(!e.shape.index)return this.pickPoint(e,t-s.left,n-s.top);e.divide(!1);let r=new Hs;r.setFromCamera(a,this.cameraOf(e,s));let o=r.intersectObject(e.body,!1)[0];if(!o?.face)return null;let c=e.body.worldToLocal(o.point.clone()),l=[o.face.a,o.face.b,o.face.c],d=new D,h=f=>d.fromBufferAttribute(e.shape.position,f).distanceTo(c);return l.reduce((f,u)=>h(u)<h(f)?u:f)}project(e,t){if(!e.shape||!e.content)return null;let n=e.content.cortex.rowOf.length/2;if(e.content.hemispheres===(t>=n?"left":"right")&&e.shape.index)return null;let a=e.element.getBoundingClientRect(),r=this.cameraOf(e,a),o=new D().fromBufferAttribute(e.shape.position,t).add(e.scene.position);o.project(r);let c=e.shape.normal&&new D().fromBufferAttribute(e.shape.normal,t),l=!c||e.isFlat||c.dot(r.position)>.15*qn;return{x:(o.x+1)/2*a.width,y:(1-o.y)/2*a.height,facing:l}}snapshot(){return this.turning=!1,this.fine=!0,this.render(),this.canvas}moved(){this.quiet||(this.turning=!0,this.draw(),this.onMove())}refine(){this.turning=!1,this.last=0,this.level!==0&&(this.fine=!0,this.render())}pace(){let e=performance.now(),t=this.last>0&&e-this.last>B1;this.last=e,this.slow=t?this.slow+1:0,this.slow>2&&this.level<vh.length-1&&(this.level++,this.slow=0)}cameraOf(e,t){let n=e.isFlat?this.flat:this.folded,s=t.width/Math.max(1,t.height),a=U1*Math.max(e.half[1],e.half[0]/s);return[n.left,n.right,n.top,n.bottom]=[-a*s,a*s,a,-a],n.updateProjectionMatrix(),n.updateMatrixWorld(),n}pickPoint(e,t,n){let[s,a]=[ft,k1**2];for(let r=0;r<e.shape.position.count;r++){let o=this.project(e,r),c=(o.x-t)**2+(o.y-n)**2;c<a&&([s,a]=[r,c])}return s===ft?null:s}};function Cl(i,e){let t=n=>n===null||n===""||Number.isNaN(n);return t(i)||t(e)?NaN:typeof i=="number"&&typeof e=="number"?i-e:String(i).localeCompare(String(e),"en",{numeric:!0})}function V1(i,e){let t=i.columns.findIndex(({name:s})=>s===e?.column);if(t<0||!e)return i.rows;let n=s=>Number.isNaN(Cl(s[t],s[t]));return[...i.rows].sort((s,a)=>n(s)||n(a)?Number(n(s))-Number(n(a)):e.down?Cl(a[t],s[t]):Cl(s[t],a[t]))}function G1(i){return/step|^n_|_n$|^n$|vertices|size/.test(i)?0:3}function H1(i,e,t){return i===null||i===""?"":t&&typeof i=="number"?st(i,Number.isInteger(i)?0:G1(e)):String(i)}function W1(i,e){let t={};for(let n of["network","subject","roi"]){let s=i.links[n];s!=null&&e[s]!==null&&(t[n]=String(e[s]))}return t}function X1(i,e,t){return z("tr",{},...i.columns.map(({name:n,label:s,numeric:a})=>{let r=e?.column===n?e.down?"descending":"ascending":"none";return z("th",{scope:"col","aria-sort":r,class:a?"numeric":""},Gn(s+(r==="none"?"":r==="descending"?" \u2193":" \u2191"),()=>t(n),{title:`sort by ${s}`}))}))}function Sh(i,e,t){let n=i.tables.find(({id:o})=>o===e.table),s=i.tables.map(({id:o,title:c})=>Gn(c,()=>t.open(o),{role:"tab","aria-selected":o===e.table,id:`table-${o}`})),a=z("div",{role:"tablist","aria-label":"Tables",class:"tabs"},...s);if(!n)return[a,z("p",{class:"quiet"},"This study has no tables.")];let r=V1(n,e.sort).map(o=>{let c=W1(n,o),l=Object.keys(c).length>0,d=[e.panels[e.active]].some(f=>f.network===c.network&&(!c.subject||f.subject===c.subject)&&(!c.roi||e.roi===c.roi)),h=z("tr",{tabindex:l?0:void 0,class:l?"linked":"","aria-current":d?"true":void 0},...o.map((f,u)=>z("td",{class:n.columns[u].numeric?"numeric":""},H1(f,n.columns[u].name,n.columns[u].numeric))));return l&&(h.addEventListener("click",()=>t.pick(c)),h.addEventListener("keydown",f=>{(f.key==="Enter"||f.key===" ")&&(f.preventDefault(),t.pick(c))})),h});return r.length?[a,z("p",{class:"caption"},n.caption," Click a row to show its network, subject and region in the active panel."),z("div",{class:"scroll",tabindex:0,role:"region","aria-label":n.title},z("table",{},z("thead",{},X1(n,e.sort,t.sortBy)),z("tbody",{},...r)))]:[a,z("p",{class:"caption"},`${n.caption} This study has no rows for it.`)]}var q1=900,Y1=4;function $1(i,e,t){let n=i.panels[e],s=n.minus<0?null:i.panels[n.minus];return JSON.stringify([n,s,i.hemispheres,i.outlines,i.roi,t])}var wo=class{constructor(e,t){this.manifest=e;this.fail=t;this.start0=eh(e,innerWidth>=q1),this.state=yl(e,location.hash,this.start0),nt("study").textContent=e.study,document.title=`${e.study} \xB7 cortexlens atlas`,this.panels=Array.from({length:Y1},(n,s)=>new xo(e,s,a=>this.changePanel(s,a),a=>this.chooseRegion(a))),this.stage=new So(nt("canvas"),this.panels.map(({frame:n})=>n)),this.stage.onFrame=()=>this.overlay(),this.stage.onMove=()=>this.remember()}manifest;fail;state;hover=null;tab="vertex";stage;panels;views=[];shown=[];words=[];turn=0;card="";start0;night=matchMedia("(prefers-color-scheme: dark)");get dark(){return this.state.theme==="auto"?this.night.matches:this.state.theme==="dark"}async start(){this.night.addEventListener("change",()=>{this.show()}),addEventListener("hashchange",()=>{location.hash.slice(1)!==bo(this.state)&&(this.state=yl(this.manifest,location.hash,this.start0),this.stage.place(this.state.camera,this.state.flat),this.show())}),new ResizeObserver(()=>this.stage.draw()).observe(nt("panels")),this.state.roi&&!this.state.cursor&&(this.tab="region"),this.stage.place(this.state.camera,this.state.flat),await this.show(),this.stage.render(),this.overlay(),performance.mark("first-picture"),document.body.dataset.state="ready"}set(e){this.state=xl(this.manifest,{...this.state,...e}),this.show()}changePanel(e,t){let n=this.state.panels.map((s,a)=>a===e?{...s,...t}:s);this.set({panels:n,active:e})}chooseRegion(e){this.tab="region",this.set({roi:e}),e&&Ti(`Region ${e}`)}point(e,t,n){let{cortex:s}=this.views[e]??{},a=t===null||!s?ft:s.rowOf[t],r=a===ft?null:{subject:s.subject.id,row:a};n?(this.hover=null,this.tab="vertex",this.set({cursor:r,active:e})):(r?.row!==this.hover?.row||r?.subject!==this.hover?.subject)&&(this.hover=r,this.tell())}get cursor(){return this.hover??this.state.cursor}cursorIn(e,t=this.cursor){let n=this.views[e],s=this.views.find(({cortex:r})=>r.subject.id===t?.subject);if(!t||!n||!s)return null;let a=aa(s.cortex,t.row,n.cortex);return a===ft?null:n.cortex.vertexOf[a]}async show(){let e=++this.turn,{state:t}=this;this.remember(),document.documentElement.dataset.theme=this.dark?"dark":"light",document.body.dataset.layout=String(t.layout),document.body.classList.toggle("with-table",t.table!==null),this.panels.forEach(n=>n.update(t)),this.controls(),this.tables(),document.body.setAttribute("aria-busy","true");try{let n=await Promise.all(Array.from({length:t.layout},(s,a)=>nh(this.manifest,t,a)));if(e!==this.turn)return;this.views=n,this.paint(),await this.tell()}catch(n){this.fail(n)}e===this.turn&&document.body.setAttribute("aria-busy","false")}paint(){let{state:e,dark:t}=this;this.views.forEach((n,s)=>{let a=$1(e,s,t);if(this.shown[s]===a)return;this.shown[s]=a;let{surface:r}=n.panel,{rgb:o,known:c}=n.painted,{hemispheres:l,outlines:d,roi:h}=e,f=ah(n.cortex,o,c,t);this.stage.slots[s].show({cortex:n.cortex,surface:r,colours:f,hemispheres:l,outlines:d,roi:h,dark:t}),this.panels[s].show(n,e,this.stage.slots[s])}),this.stage.paper(getComputedStyle(document.documentElement).getPropertyValue("--paper").trim()),this.stage.layout(e.layout)}async tell(){let{cursor:e,views:t}=this;this.words=await Promise.all(t.map(async(n,s)=>{let a=this.cursorIn(s);if(a===null)return e?"no data here":"";let r=n.cortex.rowOf[a],{layers:o}=Kt(this.manifest,n.panel.network);return go(n,r,o,n.panel.minus<0?await uh(this.manifest,n,r):null)})),this.overlay(),await this.fillCard()}async fillCard(){let{state:e,cursor:t,tab:n}=this,s=JSON.stringify([bo({...e,camera:[0,1,1],flat:[0,0,1]}),t,n]);if(this.card===s)return;this.card=s;let a=document.activeElement?.id,r={chooseRegion:c=>this.chooseRegion(c),choosePicture:c=>this.set({picture:c})},o=n==="region"?await ph(this.manifest,e,this.views,c=>this.chooseRegion(c)):t?await hh(this.manifest,e,this.views,t,r):this.invitation();this.card===s&&(nt("card").replaceChildren(...o),a&&document.activeElement===document.body&&document.getElementById(a)?.focus())}invitation(){return[z("h2",{},"Explore a vertex"),z("p",{class:"quiet"},"Point at the cortex, or tap it, to see which layers of the network predict the responses of that vertex, where its receptive field lies, and how accurate the prediction is. Click to select a vertex; press Escape to deselect it."),z("p",{class:"quiet"},"Drag to rotate, scroll or pinch to zoom. Click the name of a region on the cortex to see its summary.")]}controls(){let{state:e}=this;for(let t of document.querySelectorAll("[data-layout-choice]"))t.setAttribute("aria-pressed",String(Number(t.dataset.layoutChoice)===e.layout));nt("hemispheres").value=e.hemispheres,nt("theme").value=e.theme,nt("outlines").setAttribute("aria-pressed",String(e.outlines)),nt("tables").setAttribute("aria-pressed",String(e.table!==null));for(let t of["vertex","region"])nt(`tab-${t}`).setAttribute("aria-selected",String(this.tab===t))}tables(){let e=nt("table-view");if(e.hidden=this.state.table===null,e.hidden)return;let{scrollTop:t=0,scrollLeft:n=0}=e.querySelector(".scroll")??{},s=e.dataset.table;e.replaceChildren(...Sh(this.manifest,this.state,{open:r=>this.set({table:r,sort:null}),sortBy:r=>{let{sort:o}=this.state;this.set({sort:{column:r,down:o?.column===r?!o.down:!0}})},pick:r=>this.pick(r)})),e.dataset.table=this.state.table;let a=e.querySelector(".scroll");a&&s===this.state.table&&Object.assign(a,{scrollTop:t,scrollLeft:n})}pick({network:e,subject:t,roi:n}){let{panels:s,active:a,layout:r}=this.state,c={...(f=>this.manifest.maps.some(u=>u.network===f))(e)?{network:e}:{},...this.manifest.subjects.some(({id:f})=>f===t)?{subject:t}:{}},l=s[a],d=(f,u)=>u===a||u<r&&f.network===l.network&&f.subject===l.subject,h=this.manifest.subjects.some(({rois:f})=>f.includes(n??""));this.set({panels:s.map((f,u)=>d(f,u)?{...f,...c}:f),roi:h?n:this.state.roi}),Ti([e,t,n].filter(Boolean).join(", "))}overlay(){this.views.forEach((e,t)=>{this.panels[t].overlay(this.stage,this.stage.slots[t],this.cursorIn(t),this.words[t]??"")})}timer=0;remember(){clearTimeout(this.timer),document.body.dataset.address="behind",this.timer=window.setTimeout(()=>{this.state={...this.state,...this.stage.where()},history.replaceState(null,"",`#${bo(this.state)}`),document.body.dataset.address="written"},120)}};var wh=132,Z1="11px system-ui, sans-serif";function Eo(i,e,t,n,s,a,r,o){for(let c=0;c<r;c++)for(let l=0;l<a;l++)i.fillStyle=Vn(o((l+.5)/a,(c+.5)/r)),i.fillRect(e+l*n/a,t+c*s/r,n/a+.5,s/r+.5)}function Eh(i,e,t,n,s,a){let r=(o,c,l,d=a)=>{i.font=Z1,i.fillStyle=d,i.fillText(o,t+c,n+l)};if(e.type==="depth"){let o=e.layers.length;r(`${e.title} ${e.axis}`,0,24,s),Eo(i,t,n+32,40,72,20,o,(c,l)=>kn((o-1-Math.floor(l*o))/Math.max(1,o-1),c,e.axis)),r(e.layers[o-1]??"",46,42),r(e.layers[0]??"",46,102),r(`${e.bright} 0 to ${e.top}`,0,118)}else if(e.type==="place")r("receptive-field centre",0,24,s),Eo(i,t,n+32,80,80,40,40,(o,c)=>ps(2*o-1,2*c-1));else if(e.type==="bar")r(e.title,0,82,s),Eo(i,t,n+90,120,10,120,1,o=>wn(e.palette,o)),r(pn(e.low,2),0,114),r(e.high.toFixed(2),98,114);else{let o=e.colours.length;r("channel clusters",0,82,s),Eo(i,t,n+90,8*o,10,o,1,c=>e.colours[Math.floor(c*o)])}}var Rl=40,To=2;function Ao({context:i},e,t,n,s,a){i.font=s,i.fillStyle=a,i.fillText(e,t,n)}function J1(i,e,t,n,s){let{context:a,ink:r,faint:o}=t,c=i.panels[e],l=c.frame.getBoundingClientRect(),d=n.getBoundingClientRect(),[h,f]=[l.left-s.left,Rl+l.top-s.top],u=n.width/d.width;a.drawImage(n,(l.left-d.left)*u,(l.top-d.top)*u,l.width*u,l.height*u,h,f,l.width,l.height);let b=i.views[e],{panel:y,title:p,note:m}=b;Ao(t,`${i.state.layout>1?`${Hn[e]}  `:""}${p}`,h+12,f-24,"600 14px system-ui, sans-serif",r),Ao(t,[y.network,y.subject,y.surface,m].filter(Boolean).join(" \xB7 "),h+12,f-8,"12px system-ui, sans-serif",o),a.textAlign="center";for(let v of c.shownLabels()){let E=v.getBoundingClientRect(),[M,A]=[E.left+E.width/2-s.left,Rl+E.top+E.height/2-s.top+4];a.lineWidth=3,a.strokeStyle="rgb(255 255 255 / 80%)",a.font="600 11px system-ui, sans-serif",a.strokeText(v.textContent??"",M,A),Ao(t,v.textContent??"",M,A,"600 11px system-ui, sans-serif","#16161a")}a.textAlign="left",Eh(a,b.painted.key,h+12,f+l.height-wh,r,o)}function K1(i){let e=nt("panels").getBoundingClientRect(),t=z("canvas",{width:To*e.width,height:To*(e.height+Rl)}),n=t.getContext("2d"),s=getComputedStyle(document.documentElement),a=c=>s.getPropertyValue(c).trim();n.scale(To,To),n.fillStyle=a("--paper"),n.fillRect(0,0,t.width,t.height);let r={context:n,ink:a("--ink"),faint:a("--faint")};Ao(r,`cortexlens \xB7 ${i.manifest.study}`,12,24,"600 15px system-ui, sans-serif",r.ink);let o=i.stage.snapshot();for(let c=0;c<i.state.layout;c++)J1(i,c,r,o,e);return t}function Pl(i){K1(i).toBlob(e=>{if(!e)return;let t=URL.createObjectURL(e);z("a",{href:t,download:"cortexlens.png"}).click(),setTimeout(()=>URL.revokeObjectURL(t),1e4)},"image/png")}var j1=5,Th=Math.PI/24,Q1={back:[mo[0],mo[1]],left:[-Math.PI/2,Math.PI/2],right:[Math.PI/2,Math.PI/2],below:[0,Math.PI-.001],above:[0,.001],front:[Math.PI,Math.PI/2]},eg={ArrowLeft:[-1,0],ArrowRight:[1,0],ArrowUp:[0,-1],ArrowDown:[0,1]};function Co(i,e,t,n=1){let{camera:s,flat:a}=i.stage.where(),r=i.stage.slots[i.state.active];if(r.isFlat){let o=r.half[0]/6/a[2];i.set({camera:s,flat:[a[0]+e*o,a[1]-t*o,a[2]*n]})}else{let o=Math.min(Math.PI-.01,Math.max(.01,s[1]-t*Th));i.set({camera:[s[0]+e*Th,o,s[2]*n],flat:a})}i.stage.place(i.state.camera,i.state.flat)}function tg(i,e,t){let n=i.state.active,s=i.views[n],a=i.stage.slots[n],r=i.cursorIn(n,i.state.cursor);if(r===null){let b=s.cortex.vertexOf.find(y=>i.stage.project(a,y)?.facing??!1);i.point(n,b??s.cortex.vertexOf[0],!0);return}let{mesh:o,rowOf:c,vertexOf:l}=s.cortex,d=i.stage.project(a,r),h=o?o.neighbours(r):l,[f,u]=[ft,o?.2:0];for(let b=0;b<h.length;b++){let y=c[h[b]]===ft||h[b]===r?null:i.stage.project(a,h[b]);if(!y||!d)continue;let[p,m]=[y.x-d.x,y.y-d.y],v=Math.hypot(p,m)||1e-9,E=(p*e+m*t)/v,M=o?E:E>.7?1/v:0;M>u&&([f,u]=[h[b],M])}if(f===ft)return Ti("No vertex with data in that direction");i.point(n,f,!0),Ti(nt(`value-${"ABCD"[n]}`).textContent??"")}function ng(i){i.panels.forEach(({frame:e,root:t},n)=>{let s=null,a=!1;e.addEventListener("pointerdown",r=>s=[r.clientX,r.clientY]),e.addEventListener("pointerup",r=>{let o=s&&Math.hypot(r.clientX-s[0],r.clientY-s[1])<j1;if(s=null,!o||r.target!==e)return;let c=i.stage.pick(i.stage.slots[n],r.clientX,r.clientY);i.point(n,c,!0)}),e.addEventListener("pointermove",r=>{r.buttons||a||r.pointerType==="touch"||(a=!0,requestAnimationFrame(()=>{a=!1,i.point(n,i.stage.pick(i.stage.slots[n],r.clientX,r.clientY),!1)}))}),e.addEventListener("pointerleave",()=>i.point(n,null,!1)),t.addEventListener("focusin",()=>{i.state.active!==n&&i.set({active:n})})})}function Ch(i,e){let{camera:t,flat:n}=i.stage.where(),[s,a]=Q1[e],r=[s,a,e==="back"?1:t[2]];i.set({camera:r,flat:e==="back"?[0,0,1]:n}),i.stage.place(i.state.camera,i.state.flat)}function Rh(i){let e=i.manifest.tables[0]?.id??null;if(e===null)return Ti("This study has no tables.");i.set({table:i.state.table?null:e})}function Il(i){let e=nt("help");i??!e.open?e.showModal():e.close()}function Ah(i,e){let{panels:t,active:n}=i.state,s=i.manifest.maps.filter(o=>o.subject===t[n].subject).map(o=>o.network),a=i.manifest.networks.map(({id:o})=>o).filter(o=>s.includes(o)),r=a.indexOf(t[n].network);i.changePanel(n,{network:a[(r+e+a.length)%a.length]})}function ig(i){let e={1:()=>i.set({layout:1}),2:()=>i.set({layout:2}),4:()=>i.set({layout:4}),n:()=>Ah(i,1),N:()=>Ah(i,-1),o:()=>i.set({outlines:!i.state.outlines}),t:()=>Rh(i),s:()=>Pl(i),d:()=>i.set({theme:i.dark?"light":"dark"}),"+":()=>Co(i,0,0,1.25),"=":()=>Co(i,0,0,1.25),"-":()=>Co(i,0,0,.8),0:()=>Ch(i,"back"),"?":()=>Il(),Escape:()=>i.set(i.state.cursor?{cursor:null}:{roi:null,table:null})};addEventListener("keydown",t=>{let n=t.target;if(t.ctrlKey||t.metaKey||t.altKey||nt("help").open||/^(SELECT|INPUT|TEXTAREA)$/.test(n.tagName)&&t.key!=="Escape")return;let s=eg[t.key];s&&n.classList.contains("frame")?(t.preventDefault(),(t.shiftKey?Co:tg)(i,...s)):e[t.key]&&(t.preventDefault(),e[t.key]())})}function Ph(i){let e=(t,n)=>nt(t).addEventListener("click",n);for(let t of document.querySelectorAll("[data-layout-choice]"))t.addEventListener("click",()=>i.set({layout:Number(t.dataset.layoutChoice)}));for(let t of document.querySelectorAll("[data-view]"))t.addEventListener("click",()=>Ch(i,t.dataset.view));nt("hemispheres").addEventListener("change",({target:t})=>{let{value:n}=t;ml.includes(n)&&i.set({hemispheres:n})}),nt("theme").addEventListener("change",({target:t})=>{let{value:n}=t;bl.includes(n)&&i.set({theme:n})}),e("outlines",()=>i.set({outlines:!i.state.outlines})),e("tables",()=>Rh(i)),e("picture",()=>Pl(i)),e("help-open",()=>Il(!0)),e("help-close",()=>Il(!1));for(let t of["vertex","region"])e(`tab-${t}`,()=>{i.tab=t,i.set({})});ng(i),ig(i)}function Ih(i){let e=i instanceof Error?i.message:String(i);nt("problem").hidden=!1,nt("problem-text").textContent=e,document.body.dataset.state="failed"}async function sg(){try{let i=await qf(),e=new wo(i,Ih);Ph(e),await e.start()}catch(i){Ih(i)}}sg();})();
